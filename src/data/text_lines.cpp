#include "data/text_lines.h"

namespace carousel {

std::optional<std::string> TextLines::next() {
  const auto line = reader_.next();
  if (!line) return std::nullopt;
  return valid_text(std::string(*line), reader_.name(), policy_, reader_.line());
}

}  // namespace carousel
