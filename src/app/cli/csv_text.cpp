#include "app/cli/csv_text.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace carousel::cli {

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

std::string float_text(double value) {
  if (std::abs(value) > static_cast<double>(std::numeric_limits<float>::max()))
    return fmt::format("{}", value);
  return fmt::format("{}", static_cast<float>(value));
}

}  // namespace carousel::cli
