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

}  // namespace

std::vector<std::string> line_symbols(std::string_view line, LineUnit unit) {
  if (unit == LineUnit::token) return tokens_of(line);
  std::string text(line);
  if (unit == LineUnit::word) {
    text.clear();
    for (const std::string& token : tokens_of(line)) text += ' ' + token;
  }
  std::vector<std::string> symbols;
  for (const std::string_view piece :
       pieces(text, unit == LineUnit::word ? TextUnit::word : TextUnit::character))
    symbols.emplace_back(piece);
  return symbols;
}

std::string line_text(std::span<const std::string> symbols, LineUnit unit) {
  std::string text;
  for (const std::string& symbol : symbols) {
    if (unit == LineUnit::token && !text.empty()) text += ' ';
    text += symbol;
  }
  if (unit == LineUnit::word && text.starts_with(' ')) text.erase(0, 1);
  return text;
}

}  // namespace carousel
