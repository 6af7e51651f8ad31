#include "tasks/anomaly_windows.h"

namespace carousel {
std::vector<AnomalyWindow> find_windows(std::span<const double> scores, double threshold, std::size_t gap) {
  std::vector<AnomalyWindow> windows;
  for (std::size_t row = 0; row < scores.size(); ++row) {
    if (!(scores[row] >= threshold)) continue;
    if (windows.empty() || row - windows.back().rows.end > gap)
      windows.push_back({{row, row}, scores[row], row});
    AnomalyWindow& window = windows.back();
    window.rows.end = row + 1;
    if (scores[row] > window.score) {
      window.score = scores[row];
      window.peak = row;
    }
  }
  return windows;
}

}  // namespace carousel
