// A model at work: windows in, forecasts in the units of the data out.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/thread_pool.h"
#include "tasks/forecast_model.h"
#include "tasks/relative_inputs.h"

namespace carousel {

/// Forecasts of B windows; value [b][j][k] lies at (b * horizon + j) * targets + k.
struct Forecasts {
  std::size_t horizon = 0, targets = 0, levels = 0;
  std::vector<double> point;  ///< the median for quantile, gaussian and mixture, else what the loss aims at
  std::vector<double> quantiles;  ///< levels values for each of point, ascending

  std::size_t index(std::size_t b, std::size_t j, std::size_t k) const {
    return (b * horizon + j) * targets + k;
  }
  std::span<const double> quantiles_at(std::size_t i) const {
    return std::span(quantiles).subspan(i * levels, levels);
  }
};

/// Keeps references. The same bits on any number of threads, whatever windows are forecast together.
class Forecaster {
 public:
  /// Windows to forecast at once: bounds memory, does not change the numbers.
  static constexpr std::size_t kChunk = 256;

  /// Throws ModelError if the windows do not give what the network takes.
  Forecaster(const ForecastCoding& coding, const Network<float>& network, const Windows& windows,
             ThreadPool& pool);

  /// Each from the last row of its window.
  Forecasts run(std::span<const Window> windows) const;

 private:
  Forecasts run_direct(std::span<const Window> windows) const;
  Forecasts run_recursive(std::span<const Window> windows) const;
  /// What an output is to be multiplied by and added to before the scaler's inverse.
  struct Place {
    const Scaler& scaler;
    double size, anchor;
    std::size_t target;
  };
  double original(double output, const Place& place) const {
    return coding_.original(output * place.size + place.anchor, place.scaler, place.target);
  }
  /// Turns the network's outputs for one value into point and quantiles i of `out`.
  void decode(std::span<const float> outputs, const Place& place, std::size_t i, Forecasts& out) const;
  /// The same of value v of a mixture of `values`, whose outputs at a row these are.
  void decode_mixture(std::span<const float> outputs, std::size_t v, std::size_t values, const Place& place,
                      std::size_t i, Forecasts& out) const;
  Forecasts make_forecasts(std::size_t windows) const;

  const ForecastCoding& coding_;
  const Network<float>& network_;
  const Windows& windows_;
  ThreadPool& pool_;
  Anchors anchors_;
  RelativeInputs inputs_;
  std::vector<double> levels_;
  /// gaussian, mixture: the standard normal's quantiles.
  std::vector<double> normal_;
  bool gaussian_, mixture_;
};

}  // namespace carousel
