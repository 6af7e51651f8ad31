#include "tasks/hidden_markov/emissions.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace carousel {
namespace {

constexpr double kVarianceFloor = 0.01;   // of the variance over everything
constexpr double kLeastVariance = 1e-30;  // below, a feature never changes
constexpr double kLeastWeight = 1e-10;    // of a state, for a new estimate

/// All matrices are [features, states], so that vectors run over the states.
class GaussianEmissions final : public Emissions {
 public:
  GaussianEmissions(std::size_t states, const FeatureMoments& moments)
      : states_(states), features_(moments.mean.size()) {
    for (std::size_t f = 0; f < features_; ++f) {
      const double variance = moments.variance[f] > kLeastVariance ? moments.variance[f] : 1;
      floor_.push_back(kVarianceFloor * variance);
      mean_.insert(mean_.end(), states, moments.mean[f]);
      variance_.insert(variance_.end(), states, variance);
    }
    prepare();
  }

  void log_probabilities(std::span<const float> x, Range states, std::span<double> out) const override {
    for (std::size_t j = states.begin; j < states.end; ++j) out[j] = 0;
    for (std::size_t f = 0; f < features_; ++f) {
      if (!std::isfinite(x[f])) continue;
      const double value = static_cast<double>(x[f]);
      const double *mean = &mean_[f * states_], *precision = &precision_[f * states_],
                   *log_scale = &log_scale_[f * states_];
      for (std::size_t j = states.begin; j < states.end; ++j) {
        const double distance = value - mean[j];
        out[j] += log_scale[j] - 0.5 * distance * distance * precision[j];
      }
    }
  }

  std::size_t sums() const noexcept override { return 3 * features_ * states_; }

  /// Weight, distance from the mean so far and its square: large values that differ little keep their digits.
  void add(std::span<const float> x, Range states, std::span<const double> weights,
           std::span<double> sums) const override {
    for (std::size_t f = 0; f < features_; ++f) {
      if (!std::isfinite(x[f])) continue;
      const double value = static_cast<double>(x[f]);
      const double* mean = &mean_[f * states_];
      double *weight = &sums[3 * f * states_], *first = weight + states_, *second = first + states_;
      for (std::size_t j = states.begin; j < states.end; ++j) {
        const double distance = value - mean[j], weighted = weights[j] * distance;
        weight[j] += weights[j];
        first[j] += weighted;
        second[j] += weighted * distance;
      }
    }
  }

  void maximise(std::span<const double> sums) override {
    for (std::size_t f = 0; f < features_; ++f)
      for (std::size_t j = 0; j < states_; ++j) {
        const double* sum = &sums[3 * f * states_ + j];
        if (sum[0] < kLeastWeight) continue;
        const double step = sum[states_] / sum[0];
        mean_[f * states_ + j] += step;
        variance_[f * states_ + j] = std::max(sum[2 * states_] / sum[0] - step * step, floor_[f]);
      }
    prepare();
  }

  double log_prior() const override { return 0; }

  void start(std::size_t state, std::span<const float> x, const Random&) override {
    for (std::size_t f = 0; f < features_; ++f)
      if (std::isfinite(x[f])) mean_[f * states_ + state] = static_cast<double>(x[f]);
  }

 private:
  void prepare() {
    precision_.resize(variance_.size());
    log_scale_.resize(variance_.size());
    for (std::size_t i = 0; i < variance_.size(); ++i) {
      precision_[i] = 1 / variance_[i];
      log_scale_[i] = -0.5 * std::log(2 * std::numbers::pi * variance_[i]);
    }
  }

  std::size_t states_, features_;
  std::vector<double> floor_;  // [features]
  std::vector<double> mean_, variance_;
  std::vector<double> precision_, log_scale_;
};

/// Matrices are [symbols, states].
class SymbolEmissions final : public Emissions {
 public:
  SymbolEmissions(std::size_t states, std::size_t symbols, double pseudo_count)
      : states_(states),
        symbols_(symbols),
        share_(pseudo_count / static_cast<double>(symbols)),
        log_probability_(symbols * states, -std::log(static_cast<double>(symbols))) {}

  void log_probabilities(std::span<const float> x, Range states, std::span<double> out) const override {
    const double* row = &log_probability_[row_of(x)];
    std::copy(row + states.begin, row + states.end, out.data() + states.begin);
  }

  std::size_t sums() const noexcept override { return symbols_ * states_; }

  void add(std::span<const float> x, Range states, std::span<const double> weights,
           std::span<double> sums) const override {
    double* row = &sums[row_of(x)];
    for (std::size_t j = states.begin; j < states.end; ++j) row[j] += weights[j];
  }

  void maximise(std::span<const double> sums) override {
    for (std::size_t j = 0; j < states_; ++j) {
      double total = 0;
      for (std::size_t k = 0; k < symbols_; ++k) total += sums[k * states_ + j] + share_;
      if (total < kLeastWeight) continue;
      for (std::size_t k = 0; k < symbols_; ++k)
        log_probability_[k * states_ + j] = std::log((sums[k * states_ + j] + share_) / total);
    }
  }

  double log_prior() const override {
    double sum = 0;
    if (share_ > 0)
      for (const double value : log_probability_) sum += share_ * value;
    return sum;
  }

  void start(std::size_t state, std::span<const float> x, const Random& random) override {
    std::vector<double> weights(symbols_);
    double total = 0;
    for (std::size_t k = 0; k < symbols_; ++k)
      total += weights[k] = random.uniform(state * symbols_ + k, 0.5, 1.5);
    weights[row_of(x) / states_] += total;  // half of all it shows
    for (std::size_t k = 0; k < symbols_; ++k)
      log_probability_[k * states_ + state] = std::log(weights[k] / (2 * total));
  }

 private:
  std::size_t row_of(std::span<const float> x) const { return static_cast<std::size_t>(x[0]) * states_; }

  std::size_t states_, symbols_;
  double share_;
  std::vector<double> log_probability_;
};

}  // namespace

std::unique_ptr<Emissions> gaussian_emissions(std::size_t states, const FeatureMoments& moments) {
  return std::make_unique<GaussianEmissions>(states, moments);
}

std::unique_ptr<Emissions> symbol_emissions(std::size_t states, std::size_t symbols, double pseudo_count) {
  return std::make_unique<SymbolEmissions>(states, symbols, pseudo_count);
}

}  // namespace carousel
