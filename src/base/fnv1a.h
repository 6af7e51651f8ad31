// The hash of Fowler, Noll and Vo, FNV-1a with 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace carousel {

/// Of what has been added so far.
class Fnv1a {
 public:
  /// One round; its argument is a byte in the hash as published.
  void add(std::uint32_t value) noexcept { value_ = (value_ ^ value) * 0x100000001b3; }
  void add(std::string_view bytes) noexcept {
    for (const char c : bytes) add(static_cast<unsigned char>(c));
  }
  std::uint64_t value() const noexcept { return value_; }
  /// "fnv1a64:" and 16 hexadecimal digits.
  std::string text() const { return fmt::format("fnv1a64:{:016x}", value_); }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace carousel
