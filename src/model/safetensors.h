// The safetensors format: an 8-byte little-endian header length, a JSON header, the tensors' bytes.
// docs/formats.md describes the layout that write_safetensors gives.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/aligned.h"
#include "tensor/shape.h"

namespace carousel {

static_assert(std::endian::native == std::endian::little, "tensor bytes are written as they lie in memory");

enum class Dtype : std::uint8_t { boolean, u8, i8, u16, i16, f16, bf16, u32, i32, f32, u64, i64, f64 };

std::size_t size_bytes(Dtype dtype) noexcept;
/// As the format spells it: "F32".
std::string_view name(Dtype dtype) noexcept;

template <class T>
inline constexpr Dtype dtype_of = [] {
  static_assert(sizeof(T) == 0, "no dtype for this type");
  return Dtype::boolean;
}();
template <>
inline constexpr Dtype dtype_of<float> = Dtype::f32;
template <>
inline constexpr Dtype dtype_of<double> = Dtype::f64;
template <>
inline constexpr Dtype dtype_of<std::uint8_t> = Dtype::u8;
template <>
inline constexpr Dtype dtype_of<std::int64_t> = Dtype::i64;
template <>
inline constexpr Dtype dtype_of<std::uint64_t> = Dtype::u64;

/// A tensor as bytes, row-major, little-endian. bytes.size() == shape.size() * size_bytes(dtype).
struct NamedTensor {
  std::string name;
  Dtype dtype = Dtype::f32;
  Shape shape;
  AlignedVector<std::byte> bytes;

  template <class T>
  static NamedTensor of(std::string name, const Shape& shape, std::span<const T> numbers);
  /// The numbers, valid while the tensor lives. Throws ModelError naming the tensor if its dtype is another.
  template <class T>
  std::span<const T> numbers() const;

  bool operator==(const NamedTensor& other) const = default;
};

/// Tensors in the order of the header, names unlike each other; metadata is text for whoever reads the file.
struct Safetensors {
  std::vector<NamedTensor> tensors;
  std::map<std::string, std::string> metadata;

  /// Null if there is none of that name.
  const NamedTensor* find(std::string_view name) const noexcept;

  bool operator==(const Safetensors& other) const = default;
};

/// `source` names the bytes in errors. Throws ModelError naming it, the place, what was found and what was
/// expected. Memory is bounded by a small multiple of the input's size. The numbers are not judged: NaN is
/// read as NaN.
Safetensors parse_safetensors(std::string_view bytes, const std::string& source);
/// Throws also FileError.
Safetensors read_safetensors(const std::filesystem::path& path);

/// Equal contents give equal bytes. Throws Error if a name is taken twice, reserved or not UTF-8, or if a
/// tensor's bytes do not fit its shape.
std::string serialize_safetensors(const Safetensors& contents);
/// Written whole or not at all (AtomicFile). Throws also FileError.
void write_safetensors(const std::filesystem::path& path, const Safetensors& contents);

/// Throws the error of a tensor read as another dtype.
[[noreturn]] void refuse_dtype(const NamedTensor& tensor, Dtype asked);
/// Throws Error unless `count` numbers fill `shape`.
void check_count(std::string_view name, const Shape& shape, std::size_t count);

template <class T>
NamedTensor NamedTensor::of(std::string name, const Shape& shape, std::span<const T> numbers) {
  check_count(name, shape, numbers.size());
  NamedTensor tensor{std::move(name), dtype_of<T>, shape, AlignedVector<std::byte>(numbers.size_bytes())};
  if (!numbers.empty()) std::memcpy(tensor.bytes.data(), numbers.data(), numbers.size_bytes());
  return tensor;
}

template <class T>
std::span<const T> NamedTensor::numbers() const {
  if (dtype != dtype_of<T>) refuse_dtype(*this, dtype_of<T>);
  return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

}  // namespace carousel
