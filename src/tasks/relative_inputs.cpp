#include "tasks/relative_inputs.h"

#include <algorithm>
#include <cmath>

#include "base/compensated_sum.h"

namespace carousel {
namespace {

/// The rows that a window shows: [first, origin].
std::size_t first_row(const Window& window, std::size_t context) {
  return window.origin + 1 - std::min(context, window.origin + 1);
}

}  // namespace

/// The first value of target k in a window, scaled; 0 if all are missing.
float RelativeInputs::reference(const Window& window, std::size_t k) const {
  const Column<double>& column = windows_.set().series[window.series].columns[k];
  for (std::size_t row = first_row(window, windows_.settings().context); row <= window.origin; ++row)
    if (!std::isnan(column[row]))
      return static_cast<float>(windows_.scalers(window.series)[k].apply(column[row]));
  return 0.0F;
}

float RelativeInputs::size(const Window& window, std::size_t k) const {
  if (!sized_) return 1.0F;
  const Column<double>& column = windows_.set().series[window.series].columns[k];
  CompensatedSum sum;
  double count = 0;
  for (std::size_t row = first_row(window, windows_.settings().context); row <= window.origin; ++row) {
    if (std::isnan(column[row])) continue;
    sum.add(std::abs(windows_.scalers(window.series)[k].apply(column[row])));
    ++count;
  }
  const auto mean = static_cast<float>(count == 0 ? 0 : sum.value() / count);
  return mean > 0 && std::isfinite(mean) ? mean : 1.0F;
}

void RelativeInputs::gather(std::span<const Window> windows, Sequences<float>& x) const {
  windows_.gather_inputs(windows, x);
  if (!relative_ && !sized_) return;
  for (std::size_t b = 0; b < windows.size(); ++b)
    for (std::size_t k = 0; k < windows_.set().targets; ++k) {
      const Column<double>& column = windows_.set().series[windows[b].series].columns[k];
      const std::size_t length = x.layout().length(b), first = windows[b].origin + 1 - length;
      const float level = relative_ ? reference(windows[b], k) : 0.0F, own = size(windows[b], k);
      for (std::size_t t = 0; t < length; ++t) {
        const std::span<float> row = x.at(b, t);
        if (!std::isnan(column[first + t])) row[k] = (row[k] - level) / own;
        relate_lagged(windows[b].series, first + t, k, level, own, row);
      }
    }
}

void RelativeInputs::relate_lagged(std::size_t series, std::size_t t, std::size_t k, float level, float size,
                                   std::span<float> row) const {
  const std::span<float> lagged = windows_.lagged(row);
  for (std::size_t i = k; i < lagged.size(); i += windows_.set().targets)
    if (!std::isnan(windows_.lagged_target(series, t, i))) lagged[i] = (lagged[i] - level) / size;
}

void RelativeInputs::row_ahead(const Window& window, std::size_t t, std::span<const float> predicted,
                               std::span<float> out) const {
  windows_.input_row_ahead(window.series, t, window.origin, predicted, out);
  for (std::size_t k = 0; k < windows_.set().targets; ++k) {
    const float level = relative_ ? reference(window, k) : 0.0F, own = size(window, k);
    out[k] = (out[k] - level) / own;
    relate_lagged(window.series, t, k, level, own, out);
  }
}

}  // namespace carousel
