#include "tasks/relative_inputs.h"

#include <algorithm>
#include <cmath>

namespace carousel {

/// The first value of target k in a window, scaled; 0 if all are missing.
float RelativeInputs::reference(const Window& window, std::size_t k) const {
  const Column<double>& column = windows_.set().series[window.series].columns[k];
  const std::size_t length = std::min(windows_.settings().context, window.origin + 1);
  for (std::size_t row = window.origin + 1 - length; row <= window.origin; ++row)
    if (!std::isnan(column[row]))
      return static_cast<float>(windows_.scalers(window.series)[k].apply(column[row]));
  return 0.0F;
}

void RelativeInputs::gather(std::span<const Window> windows, Sequences<float>& x) const {
  windows_.gather_inputs(windows, x);
  if (!relative_) return;
  for (std::size_t b = 0; b < windows.size(); ++b)
    for (std::size_t k = 0; k < windows_.set().targets; ++k) {
      const Column<double>& column = windows_.set().series[windows[b].series].columns[k];
      const std::size_t length = x.layout().length(b), first = windows[b].origin + 1 - length;
      const float level = reference(windows[b], k);
      for (std::size_t t = 0; t < length; ++t)
        if (!std::isnan(column[first + t])) x.at(b, t)[k] -= level;  // a missing value stays 0
    }
}

void RelativeInputs::row_ahead(const Window& window, std::size_t t, std::span<const float> predicted,
                               std::span<float> out) const {
  windows_.input_row_ahead(window.series, t, window.origin, predicted, out);
  for (std::size_t k = 0; relative_ && k < windows_.set().targets; ++k) out[k] -= reference(window, k);
}

}  // namespace carousel
