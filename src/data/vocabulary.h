// Numbers for symbols, and back: what stands between a text and a network.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carousel {

/// Symbols 0 ... size() - 1; the first stands for every text that is none of the others.
class Vocabulary {
 public:
  static constexpr std::size_t kUnknown = 0;
  static constexpr std::string_view kUnknownSymbol = "\xEF\xBF\xBD";  ///< U+FFFD

  /// The `most` most frequent of the pieces (ties: the smaller one in bytes), in ascending order of their
  /// bytes.
  static Vocabulary of(std::span<const std::string_view> pieces, std::size_t most);
  /// These symbols behind the unknown one, which may be among them. Throws DataError for one that is empty or
  /// there twice.
  explicit Vocabulary(std::vector<std::string> symbols);

  std::size_t size() const noexcept { return symbols_.size(); }
  const std::string& symbol(std::size_t number) const { return symbols_.at(number); }
  std::span<const std::string> symbols() const noexcept { return symbols_; }
  std::size_t number(std::string_view symbol) const;
  std::vector<std::size_t> numbers(std::span<const std::string_view> pieces) const;

 private:
  std::vector<std::string> symbols_;
  std::map<std::string, std::size_t, std::less<>> numbers_;
};

}  // namespace carousel
