#include "tasks/detection_metrics.h"

#include <algorithm>
#include <map>

#include "tasks/ratio.h"

namespace carousel {
namespace {

/// Steps that are in both.
std::size_t common_steps(const Range& a, const Range& b) {
  const std::size_t begin = std::max(a.begin, b.begin), end = std::min(a.end, b.end);
  return end > begin ? end - begin : 0;
}

bool meets_any(const Range& window, std::span<const Range> others) {
  return std::ranges::any_of(others, [&](const Range& other) { return common_steps(window, other) > 0; });
}

}  // namespace

double DetectionCounts::precision() const noexcept { return ratio(hits, hits + false_alarms); }
double DetectionCounts::recall() const noexcept { return ratio(hits, hits + misses); }
double DetectionCounts::f1() const noexcept { return ratio(2 * hits, 2 * hits + misses + false_alarms); }

DetectionCounts& DetectionCounts::operator+=(const DetectionCounts& other) noexcept {
  hits += other.hits;
  misses += other.misses;
  false_alarms += other.false_alarms;
  return *this;
}

DetectionCounts score_windows(std::span<const LabelledWindow> truth, std::span<const LabelledWindow> found) {
  std::vector<bool> taken(truth.size());
  DetectionCounts counts;
  for (const LabelledWindow& window : found) {
    std::size_t most = 0, best = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
      if (taken[i] || truth[i].label != window.label) continue;
      const std::size_t common = common_steps(truth[i].steps, window.steps);
      if (common > most) most = common, best = i;
    }
    if (most == 0) {
      ++counts.false_alarms;
      continue;
    }
    taken[best] = true;
    ++counts.hits;
  }
  counts.misses = truth.size() - counts.hits;
  return counts;
}

DetectionCounts score_labels(std::span<const std::size_t> truth, std::span<const std::size_t> found) {
  std::map<std::size_t, std::uint64_t> left;
  for (const std::size_t label : truth) ++left[label];
  DetectionCounts counts;
  for (const std::size_t label : found) {
    const auto one = left.find(label);
    if (one == left.end() || one->second == 0) {
      ++counts.false_alarms;
      continue;
    }
    --one->second;
    ++counts.hits;
  }
  counts.misses = truth.size() - counts.hits;
  return counts;
}

DetectionCounts score_anomalies(std::span<const Range> truth, std::span<const Range> found) {
  DetectionCounts counts;
  for (const Range& window : truth) ++(meets_any(window, found) ? counts.hits : counts.misses);
  for (const Range& window : found) counts.false_alarms += meets_any(window, truth) ? 0 : 1;
  return counts;
}

}  // namespace carousel
