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
/// characters; a blank in front of either belongs to it. Joined, the pieces are the text again.
enum class TextUnit { character, word };

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

}  // namespace carousel
