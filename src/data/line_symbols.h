// A line of text as the symbols that it is read in, and back.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carousel {

/// What a line is cut into.
///
/// character: code points.
/// word: as TextUnit::word, with one blank in front of the first word as of the others, and no more than one
/// anywhere: so a word is the same symbol wherever it stands, and the line can be put together again.
/// token: what stands between blanks.
/// piece: as TextUnit::piece, with one blank more in front of the line: what a vocabulary of byte pairs cuts
/// further.
enum class LineUnit { character, word, token, piece };

std::vector<std::string> line_symbols(std::string_view line, LineUnit unit);
/// The line that these symbols are of. Of tokens and words its blanks are single ones between them. Of byte
/// pairs that make no characters each byte becomes U+FFFD.
std::string line_text(std::span<const std::string> symbols, LineUnit unit);

}  // namespace carousel
