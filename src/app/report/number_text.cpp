#include "app/report/number_text.h"

#include <fmt/format.h>

#include <cmath>

namespace carousel::report {

std::string number_text(double value) {
  if (!std::isfinite(value)) return "–";
  const double size = std::abs(value);
  if (size < 999.95 || size >= 1e15) return fmt::format("{:.4g}", value);
  const std::string digits = fmt::format("{:.0f}", size);
  std::string out = value < 0 ? "-" : "";
  for (std::size_t k = 0; k < digits.size(); ++k) {
    if (k > 0 && (digits.size() - k) % 3 == 0) out += ',';
    out += digits[k];
  }
  return out;
}

std::string number_text(double value, std::string_view unit) {
  if (unit.empty() || !std::isfinite(value)) return number_text(value);
  return fmt::format("{} {}", number_text(value), unit);
}

}  // namespace carousel::report
