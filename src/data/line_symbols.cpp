#include "data/line_symbols.h"

#include "data/text.h"

namespace carousel {
namespace {

std::vector<std::string> tokens_of(std::string_view line) {
  std::vector<std::string> tokens;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    if (end > at) tokens.emplace_back(line.substr(at, end - at));
    at = end + 1;
  }
  return tokens;
}

std::vector<std::string> all_pieces(std::string_view text, TextUnit unit) {
  const std::vector<std::string_view> all = pieces(text, unit);
  return {all.begin(), all.end()};
}

}  // namespace

std::vector<std::string> line_symbols(std::string_view line, LineUnit unit) {
  std::string text;
  switch (unit) {
    case LineUnit::token:
      return tokens_of(line);
    case LineUnit::character:
      return all_pieces(line, TextUnit::character);
    case LineUnit::word:
      for (const std::string& token : tokens_of(line)) text += ' ' + token;
      return all_pieces(text, TextUnit::word);
    case LineUnit::piece:
      break;
  }
  if (!line.empty()) text.append(" ").append(line);
  return all_pieces(text, TextUnit::piece);
}

std::string line_text(std::span<const std::string> symbols, LineUnit unit) {
  std::string text;
  for (const std::string& symbol : symbols) {
    if (unit == LineUnit::token && !text.empty()) text += ' ';
    text += symbol;
  }
  if ((unit == LineUnit::word || unit == LineUnit::piece) && text.starts_with(' ')) text.erase(0, 1);
  return unit == LineUnit::piece ? valid_text(std::move(text), "", InvalidText::replace) : text;
}

}  // namespace carousel
