// Text as what a language model reads it in: characters, or words.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace carousel {

/// What becomes of bytes that are not UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above
/// U+10FFFF).
enum class InvalidText {
  error,    ///< DataError that names line, column and byte
  replace,  ///< each becomes U+FFFD
};

/// What a text is cut into.
///
/// character: code points.
/// word: runs of letters, digits and apostrophes (what is not ASCII counts as a letter), and single other
/// characters; a blank in front of either belongs to it.
/// piece: as word, a longer run than kLongestRun cut there: what a vocabulary of byte pairs cuts further.
/// Joined, the pieces are the text again.
enum class TextUnit { character, word, piece };
constexpr std::size_t kLongestRun = 96;  ///< bytes, and those that the last character of them has left

/// The text with bytes that are not UTF-8 replaced. `source` is what messages call it, first_line the number
/// of its first line there. Throws DataError.
std::string valid_text(std::string text, const std::string& source, InvalidText policy,
                       std::size_t first_line = 1);

/// Bytes of the well-formed character that a text begins with; 0 where none does.
std::size_t well_formed_character(std::string_view text) noexcept;
/// The first character of a text that is UTF-8, in bytes; 0 of an empty one.
std::size_t first_character(std::string_view text) noexcept;
/// The first piece of a text that is UTF-8, in bytes; 0 of an empty one.
std::size_t first_piece(std::string_view text, TextUnit unit) noexcept;
/// Whether a piece is letters, digits and apostrophes, a blank in front of them left aside.
bool is_word(std::string_view piece) noexcept;
/// All pieces, in order. They refer to the text.
std::vector<std::string_view> pieces(std::string_view text, TextUnit unit);
/// Characters of a text that is UTF-8, or of a part of one that may begin or end inside a character: those
/// that begin in it.
std::size_t count_characters(std::string_view text) noexcept;

/// Bytes on their way to a reader of text, in whole characters; each byte that is not UTF-8 as U+FFFD.
class CharacterStream {
 public:
  /// The text that is known with these bytes, behind what has been given before.
  std::string add(std::string_view bytes);
  /// What is left when nothing more comes.
  std::string end();

 private:
  std::string held_;  // the beginning of a character
};

}  // namespace carousel
