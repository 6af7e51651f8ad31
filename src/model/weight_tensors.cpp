#include "model/weight_tensors.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace carousel {

namespace {

std::string scale_name(const Parameter& parameter) { return parameter.name + ".scale"; }
Shape scale_shape(const Parameter& parameter) { return {parameter.shape[0]}; }

WeightFormat format_of(const Parameter& parameter, WeightFormat format) {
  return parameter.matrix ? format : WeightFormat::float32;
}

/// Any one-byte or two-byte numbers under the dtype that the format gives them.
template <class Number>
NamedTensor tensor_of(const Parameter& parameter, Dtype dtype, const std::vector<Number>& numbers) {
  NamedTensor tensor{parameter.name, dtype, parameter.shape,
                     AlignedVector<std::byte>(numbers.size() * sizeof(Number))};
  std::memcpy(tensor.bytes.data(), numbers.data(), tensor.bytes.size());
  return tensor;
}

NamedTensor bf16_tensor(const Parameter& parameter, std::span<const float> values) {
  std::vector<std::uint16_t> numbers;
  for (const float value : values) numbers.push_back(kernels::to_bf16(value));
  return tensor_of(parameter, Dtype::bf16, numbers);
}

void add_int8_tensors(const Parameter& parameter, std::span<const float> values,
                      std::vector<NamedTensor>& out) {
  const std::size_t rows = parameter.shape[0], columns = parameter.shape[1];
  std::vector<std::int8_t> numbers;
  std::vector<float> scales;
  for (std::size_t r = 0; r < rows; ++r) {
    const std::span<const float> row = values.subspan(r * columns, columns);
    scales.push_back(kernels::int8_scale(row.data(), columns, 1));
    for (const float value : row) numbers.push_back(kernels::to_int8(value, scales.back()));
  }
  out.push_back(tensor_of(parameter, Dtype::i8, numbers));
  out.push_back(
      NamedTensor::of(scale_name(parameter), scale_shape(parameter), std::span<const float>(scales)));
}

void check_tensor(const Safetensors& file, const std::string& source, const std::string& tensor_name,
                  const Shape& shape) {
  const NamedTensor* tensor = file.find(tensor_name);
  if (tensor == nullptr)
    throw ModelError(fmt::format("{}: tensor \"{}\" {} is missing", source, tensor_name, shape.to_string()));
  if (tensor->shape != shape)
    throw ModelError(fmt::format("{}: tensor \"{}\" should be {}, found {}", source, tensor_name,
                                 shape.to_string(), tensor->shape.to_string()));
}

const NamedTensor& tensor_with(const Safetensors& file, const std::string& source,
                               const std::string& tensor_name, Dtype dtype) {
  const NamedTensor& tensor = *file.find(tensor_name);
  if (tensor.dtype != dtype)
    throw ModelError(fmt::format("{}: tensor \"{}\" should be {}, found {}", source, tensor_name, name(dtype),
                                 name(tensor.dtype)));
  return tensor;
}

void read_bf16(const NamedTensor& tensor, std::span<float> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::uint16_t number;
    std::memcpy(&number, tensor.bytes.data() + i * sizeof(number), sizeof(number));
    values[i] = kernels::from_bf16(number);
  }
}

void read_int8(const Safetensors& file, const std::string& source, const Parameter& parameter,
               std::span<float> values) {
  const NamedTensor& tensor = tensor_with(file, source, parameter.name, Dtype::i8);
  const NamedTensor& scales = tensor_with(file, source, scale_name(parameter), Dtype::f32);
  const std::size_t columns = parameter.shape[1];
  for (std::size_t r = 0; r < parameter.shape[0]; ++r) {
    const float scale = scales.numbers<float>()[r];
    const std::span<float> row = values.subspan(r * columns, columns);
    const auto number = [&](std::size_t c) {
      return static_cast<std::int8_t>(tensor.bytes[r * columns + c]);
    };
    for (std::size_t c = 0; c < columns; ++c) {
      if (number(c) == -128)
        throw ModelError(fmt::format("{}: tensor \"{}\", element {}: found -128, expected -127 to 127",
                                     source, tensor.name, r * columns + c));
      row[c] = static_cast<float>(number(c)) * scale;
    }
    bool fits = std::bit_cast<std::uint32_t>(kernels::int8_scale(row.data(), columns, 1)) ==
                std::bit_cast<std::uint32_t>(scale);
    for (std::size_t c = 0; fits && c < columns; ++c) fits = kernels::to_int8(row[c], scale) == number(c);
    if (!fits)
      throw ModelError(fmt::format(
          "{}: tensor \"{}\", element {}: the scale {} does not fit its row, whose largest number "
          "should be 127 times a scale of 16 bits",
          source, scales.name, r, scale));
  }
}

template <class T>
void refuse_non_finite(const NamedTensor& tensor, const std::string& source, std::span<const T> values) {
  const auto bad = std::ranges::find_if(values, [](T v) { return !std::isfinite(v); });
  if (bad != values.end())
    throw ModelError(fmt::format("{}: tensor \"{}\", element {}: a weight must be finite, found {}", source,
                                 tensor.name, bad - values.begin(), *bad));
}

}  // namespace

template <class T>
std::vector<NamedTensor> weight_tensors(const ParameterTable& table, std::span<const T> weights,
                                        WeightFormat format) {
  std::vector<NamedTensor> out;
  for (const Parameter& parameter : table.all()) {
    const std::span<const T> values = weights.subspan(parameter.offset, parameter.shape.size());
    const WeightFormat own = format_of(parameter, format);
    if (own == WeightFormat::float32) out.push_back(NamedTensor::of(parameter.name, parameter.shape, values));
    if constexpr (std::is_same_v<T, float>) {
      if (own == WeightFormat::bf16) out.push_back(bf16_tensor(parameter, values));
      if (own == WeightFormat::int8) add_int8_tensors(parameter, values, out);
    }
  }
  return out;
}

void check_weight_tensors(const Safetensors& file, const std::string& source, const ParameterTable& table,
                          WeightFormat format) {
  std::size_t expected = 0;
  for (const Parameter& parameter : table.all())
    expected += format_of(parameter, format) == WeightFormat::int8 ? 2 : 1;
  if (file.tensors.size() > expected)
    throw ModelError(fmt::format(
        "{}: {} tensors, but the spec has {} parameters{}", source, file.tensors.size(), table.all().size(),
        expected == table.all().size() ? "" : fmt::format(" and {} scales", expected - table.all().size())));
  for (const Parameter& parameter : table.all()) {
    check_tensor(file, source, parameter.name, parameter.shape);
    if (format_of(parameter, format) == WeightFormat::int8)
      check_tensor(file, source, scale_name(parameter), scale_shape(parameter));
  }
}

template <class T>
void read_weight_tensors(const Safetensors& file, const std::string& source, const ParameterTable& table,
                         WeightFormat format, std::span<T> weights) {
  for (const Parameter& parameter : table.all()) {
    const std::span<T> values = weights.subspan(parameter.offset, parameter.shape.size());
    const WeightFormat own = format_of(parameter, format);
    if (own == WeightFormat::float32)
      std::ranges::copy(tensor_with(file, source, parameter.name, dtype_of<T>).template numbers<T>(),
                        values.begin());
    if constexpr (std::is_same_v<T, float>) {
      if (own == WeightFormat::bf16)
        read_bf16(tensor_with(file, source, parameter.name, Dtype::bf16), values);
      if (own == WeightFormat::int8) read_int8(file, source, parameter, values);
    }
    refuse_non_finite(*file.find(parameter.name), source, std::span<const T>(values));
  }
}

template std::vector<NamedTensor> weight_tensors(const ParameterTable&, std::span<const float>, WeightFormat);
template std::vector<NamedTensor> weight_tensors(const ParameterTable&, std::span<const double>,
                                                 WeightFormat);
template void read_weight_tensors(const Safetensors&, const std::string&, const ParameterTable&, WeightFormat,
                                  std::span<float>);
template void read_weight_tensors(const Safetensors&, const std::string&, const ParameterTable&, WeightFormat,
                                  std::span<double>);

}  // namespace carousel
