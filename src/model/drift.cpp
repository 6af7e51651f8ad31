#include "model/drift.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace carousel {

void Drift::add(const Network<float>& exact, const Network<float>& reduced, const Sequences<float>& x,
                ThreadPool& pool) {
  const auto outputs = [&](const Network<float>& network) {
    Tensor<float> state({x.layout().batch(), network.state_size()});
    Sequences<float> y;
    network.forward({.pool = &pool}, x, state.matrix(), y, *network.make_trace());
    return y;
  };
  const Sequences<float> a = outputs(exact), b = outputs(reduced);
  for (std::size_t i = 0; i < a.values().size(); ++i) {
    const double value = a.values()[i], difference = b.values()[i] - value;
    if (!std::isfinite(difference)) {
      ++non_finite_;
      continue;
    }
    ++values_;
    largest_ = std::max(largest_, std::abs(difference));
    squared_differences_.add(difference * difference);
    exact_.add(value);
    exact_squared_.add(value * value);
  }
  sequences_ += x.layout().batch();
}

double Drift::largest() const noexcept {
  return values_ > 0 ? largest_ : std::numeric_limits<double>::quiet_NaN();
}

double Drift::rms() const noexcept {
  return std::sqrt(squared_differences_.value() / static_cast<double>(values_));
}

double Drift::spread() const noexcept {
  const double n = static_cast<double>(values_), mean = exact_.value() / n;
  const double variance = exact_squared_.value() / n - mean * mean;
  return std::sqrt(variance < 0 ? 0 : variance);
}

}  // namespace carousel
