#include "data/missing_values.h"

#include <fmt/format.h>

#include <cmath>

#include "carousel/error.h"
#include "data/cells.h"

namespace carousel {

bool interpolate(Column<double>& column, std::size_t end) {
  std::size_t before = end;  // the last value met; end: none
  for (std::size_t i = 0; i < end; ++i) {
    if (std::isnan(column[i])) continue;
    const double to = column[i], from = before == end ? to : column[before];
    const std::size_t first = before == end ? 0 : before + 1;
    for (std::size_t k = first; k < i; ++k) {
      const double share =
          before == end ? 0 : static_cast<double>(k - before) / static_cast<double>(i - before);
      // Both products are finite where the difference of two huge values is not.
      column[k] = from * (1 - share) + to * share;
    }
    before = i;
  }
  if (before == end) return false;
  for (std::size_t i = before + 1; i < end; ++i) column[i] = column[before];
  return true;
}

void fail_missing(const std::string& place, const std::string& column) {
  throw DataError(
      fmt::format("{}, column '{}': the value is missing, expected a number; to allow it, train with "
                  "--missing interpolate or mask (in run.toml: missing)",
                  place, shown(column)));
}

}  // namespace carousel
