#include "tasks/forecaster.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/activations.h"
#include "losses/mixture.h"
#include "tasks/normal_quantile.h"

namespace carousel {

Forecaster::Forecaster(const ForecastCoding& coding, const Network<float>& network, const Windows& windows,
                       ThreadPool& pool)
    : coding_(coding),
      network_(network),
      windows_(windows),
      pool_(pool),
      anchors_(coding.anchors()),
      inputs_(coding.inputs(windows)),
      levels_(coding.levels()),
      gaussian_(*coding.settings.loss == "gaussian"),
      mixture_(*coding.settings.loss == "mixture") {
  if (network.inputs() != windows.inputs())
    throw ModelError(fmt::format("the network takes {} inputs, its settings describe {}", network.inputs(),
                                 windows.inputs()));
  for (const double level : levels_) normal_.push_back(gaussian_ || mixture_ ? normal_quantile(level) : 0);
}

Forecasts Forecaster::run(std::span<const Window> windows) const {
  return coding_.settings.mode == ForecastMode::direct ? run_direct(windows) : run_recursive(windows);
}

Forecasts Forecaster::make_forecasts(std::size_t windows) const {
  Forecasts out{coding_.settings.horizon, coding_.settings.targets.size(), levels_.size(), {}, {}};
  out.point.resize(windows * out.horizon * out.targets);
  out.quantiles.resize(out.point.size() * out.levels);
  return out;
}

void Forecaster::decode(std::span<const float> outputs, const Place& place, std::size_t i,
                        Forecasts& out) const {
  if (levels_.empty() || gaussian_) out.point[i] = original(outputs[0], place);
  if (levels_.empty()) return;
  const std::span<double> quantiles = std::span(out.quantiles).subspan(i * out.levels, out.levels);
  double deviation = 0;
  if (gaussian_) {
    const double half =
        0.5 * std::clamp(static_cast<double>(outputs[1]), -30.0, 30.0);  // as the loss holds it
    kernels::exp(&half, &deviation, 1);
  }
  for (std::size_t q = 0; q < quantiles.size(); ++q)
    quantiles[q] =
        original(gaussian_ ? outputs[0] + deviation * normal_[q] : static_cast<double>(outputs[q]), place);
  if (gaussian_) return;
  // Quantiles learnt side by side may cross; in order they are no worse (Chernozhukov et al., 2010).
  std::ranges::sort(quantiles);
  const auto middle = std::ranges::find(levels_, 0.5) - levels_.begin();
  out.point[i] = quantiles[static_cast<std::size_t>(middle)];
}

void Forecaster::decode_mixture(std::span<const float> outputs, std::size_t v, std::size_t values,
                                const Place& place, std::size_t i, Forecasts& out) const {
  // K weights, K rows of means, K rows of deviations: losses/mixture.h.
  const std::size_t K = coding_.settings.loss_options.components;
  std::vector<double> weights(K), means(K), deviations(K);
  for (std::size_t k = 0; k < K; ++k) {
    weights[k] = static_cast<double>(outputs[k]);
    means[k] = static_cast<double>(outputs[K + k * values + v]);
    deviations[k] = static_cast<double>(outputs[K + (K + k) * values + v]);
    // As the loss holds it.
    deviations[k] =
        std::clamp(deviations[k], Mixture<float>::kLeastDeviation, Mixture<float>::kMostDeviation);
  }
  out.point[i] = original(mixture_quantile(weights, means, deviations, 0.5, 0), place);
  const std::span<double> quantiles = std::span(out.quantiles).subspan(i * out.levels, out.levels);
  for (std::size_t q = 0; q < quantiles.size(); ++q)
    quantiles[q] = original(mixture_quantile(weights, means, deviations, levels_[q], normal_[q]), place);
}

Forecasts Forecaster::run_direct(std::span<const Window> windows) const {
  Forecasts out = make_forecasts(windows.size());
  Sequences<float> x, y;
  inputs_.gather(windows, x);
  Tensor<float> state = network_.start(windows.size());
  const std::unique_ptr<Trace<float>> trace = network_.make_trace();
  Pass pass;
  pass.pool = &pool_;
  network_.forward(pass, x, state.matrix(), y, *trace);

  const std::size_t values = out.horizon * out.targets, per_value = y.features() / values;
  std::vector<float> anchor(values), size(out.targets);
  for (std::size_t b = 0; b < windows.size(); ++b) {
    const std::span<const float> outputs = std::as_const(y).at(b, y.layout().length(b) - 1);
    anchors_.at_or_near(windows_, windows[b].series, windows[b].origin, anchor);
    for (std::size_t k = 0; k < out.targets; ++k) size[k] = inputs_.size(windows[b], k);
    for (std::size_t v = 0; v < values; ++v) {
      const std::size_t k = v % out.targets, i = b * values + v;
      const Place place{windows_.scalers(windows[b].series)[k], static_cast<double>(size[k]),
                        static_cast<double>(anchor[v]), k};
      mixture_ ? decode_mixture(outputs, v, values, place, i, out)
               : decode(outputs.subspan(v * per_value, per_value), place, i, out);
    }
  }
  return out;
}

Forecasts Forecaster::run_recursive(std::span<const Window> windows) const {
  Forecasts out = make_forecasts(windows.size());
  const std::size_t B = windows.size(), targets = out.targets;
  Sequences<float> x, y;
  inputs_.gather(windows, x);
  Tensor<float> state = network_.start(B), row({B, network_.inputs()}), output({B, network_.outputs()});
  const std::unique_ptr<Trace<float>> trace = network_.make_trace();
  Pass pass;
  pass.pool = &pool_;
  network_.forward(pass, x, state.matrix(), y, *trace);
  for (std::size_t b = 0; b < B; ++b)
    std::ranges::copy(std::as_const(y).at(b, y.layout().length(b) - 1), output.matrix().row(b));

  AlignedVector<float> scratch(network_.step_scratch(B));
  // [B, horizon, targets], scaled: what is fed back, and what later anchors may be.
  std::vector<float> predicted(B * out.horizon * targets);
  for (std::size_t j = 0; j < out.horizon; ++j) {
    if (j > 0) network_.step(row.matrix(), state.matrix(), output.matrix(), scratch.data());
    for (std::size_t b = 0; b < B; ++b) {
      const std::span<float> own =
          std::span(predicted).subspan(b * out.horizon * targets, out.horizon * targets);
      std::vector<float> anchor(targets);
      anchors_.ahead(windows_, windows[b].series, windows[b].origin, j, own, anchor);
      for (std::size_t k = 0; k < targets; ++k) {
        own[j * targets + k] = output.matrix()(b, k) * inputs_.size(windows[b], k) + anchor[k];
        const std::size_t i = out.index(b, j, k);
        out.point[i] = coding_.original(own[j * targets + k], windows_.scalers(windows[b].series)[k], k);
      }
      if (j + 1 < out.horizon)
        inputs_.row_ahead(windows[b], windows[b].origin + 1 + j, own.subspan(j * targets, targets),
                          row.matrix().row_span(b));
    }
  }
  return out;
}

}  // namespace carousel
