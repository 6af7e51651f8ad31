// Numbers for symbols, and back: what stands between a text and a network.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carousel {

/// Symbols 0 ... size() - 1; the first stands for every text that is none of the others. One of byte pairs
/// has every byte as a symbol and cuts any text into its symbols: there the first stands for nothing.
class Vocabulary {
 public:
  static constexpr std::size_t kUnknown = 0;
  static constexpr std::size_t kBytes = 256;
  static constexpr std::string_view kUnknownSymbol = "\xEF\xBF\xBD";  ///< U+FFFD

  /// The `most` most frequent of the pieces (ties: the smaller one in bytes), in ascending order of their
  /// bytes.
  static Vocabulary of(std::span<const std::string_view> pieces, std::size_t most);
  /// These symbols behind the unknown one, which may be among them. Throws DataError for one that is empty or
  /// there twice.
  explicit Vocabulary(std::vector<std::string> symbols);
  /// The bytes 0 ... 255, and behind them these pieces in the order of merging, as learn_byte_pairs gives
  /// them. Throws DataError for one that is there twice or has fewer than two bytes.
  static Vocabulary of_byte_pairs(std::vector<std::string> pieces);
  /// What text() gave. Throws DataError.
  static Vocabulary parse(const std::string& text);
  /// JSON, as model files keep it (docs/formats.md).
  std::string text() const;

  bool byte_pairs() const noexcept { return byte_pairs_; }
  std::size_t size() const noexcept { return symbols_.size(); }
  const std::string& symbol(std::size_t number) const { return symbols_.at(number); }
  std::span<const std::string> symbols() const noexcept { return symbols_; }
  std::size_t number(std::string_view symbol) const;
  /// One of each; of byte pairs one or more, which joined are the piece again.
  std::vector<std::size_t> numbers(std::span<const std::string_view> pieces) const;
  std::vector<std::size_t> numbers(std::span<const std::string> pieces) const;

 private:
  /// The symbols of a word: its characters, or the bytes of those that are none; of two neighbours that make
  /// a symbol the one first merged becomes it, of equals the leftmost, until there are none.
  std::vector<std::size_t> merged(std::string_view word) const;

  bool byte_pairs_ = false;
  std::vector<std::string> symbols_;
  std::map<std::string, std::size_t, std::less<>> numbers_;
};

}  // namespace carousel
