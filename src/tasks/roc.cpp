#include "tasks/roc.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tasks/ratio.h"

namespace carousel {

double Roc::true_positive_rate(const RocPoint& point) const noexcept {
  return ratio(point.true_positives, positives);
}
double Roc::false_positive_rate(const RocPoint& point) const noexcept {
  return ratio(point.false_positives, negatives);
}

Roc receiver_operating_characteristic(std::span<const ScoredCase> cases) {
  for (std::size_t i = 0; i < cases.size(); ++i)
    if (std::isnan(cases[i].score)) throw Error(fmt::format("[roc] the score of case {} is not a number", i));
  std::vector<ScoredCase> sorted(cases.begin(), cases.end());
  std::ranges::sort(sorted, std::ranges::greater(), &ScoredCase::score);
  Roc roc;
  RocPoint point{std::numeric_limits<double>::infinity(), 0, 0};
  if (sorted.empty() || sorted.front().score < point.threshold) roc.curve.push_back(point);
  std::uint64_t twice_area = 0;  // in cells of one positive by one negative case
  for (std::size_t begin = 0, end = 0; begin < sorted.size(); begin = end) {
    const RocPoint before = point;
    point.threshold = sorted[begin].score;
    for (; end < sorted.size() && sorted[end].score == point.threshold; ++end)
      ++(sorted[end].positive ? point.true_positives : point.false_positives);
    twice_area +=
        (point.false_positives - before.false_positives) * (before.true_positives + point.true_positives);
    roc.curve.push_back(point);
  }
  roc.positives = point.true_positives;
  roc.negatives = point.false_positives;
  roc.auc = ratio(twice_area, 2 * roc.positives * roc.negatives);
  return roc;
}

}  // namespace carousel
