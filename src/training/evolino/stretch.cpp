#include "training/evolino/stretch.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace carousel {

template <class T>
Sequences<T> teacher_forced(const Stretch<T>& stretch, std::optional<double> feedback) {
  if (!feedback) return stretch.inputs;
  const std::size_t F = stretch.inputs.features(), O = stretch.targets.features();
  const SequenceLayout& layout = stretch.targets.layout();
  Sequences<T> x(stretch.targets.layout_pointer(), F + O);
  for (std::size_t t = 0; t < layout.time(); ++t) {
    const View<T> step = x.step(t);
    for (std::size_t slot = 0; slot < step.rows(); ++slot) {
      if (F > 0) std::ranges::copy(stretch.inputs.step(t).row_span(slot), step.row(slot));
      for (std::size_t o = 0; o < O && t > 0; ++o)
        step(slot, F + o) = static_cast<T>(*feedback) * stretch.targets.step(t - 1)(slot, o);
    }
  }
  return x;
}

template <class T>
Sequences<T> free_run(const Network<T>& network, const Stretch<T>& stretch, double feedback) {
  Sequences<T> x = teacher_forced(stretch, {feedback});
  Sequences<T> y(x.layout_pointer(), network.outputs());
  const std::size_t F = stretch.inputs.features(), B = x.layout().batch();
  Tensor<T> state = network.start(B);
  AlignedVector<T> scratch(network.step_scratch(B));
  for (std::size_t t = 0; t < x.layout().time(); ++t) {
    const View<T> step = x.step(t);
    for (std::size_t slot = 0; slot < step.rows() && t > stretch.washout; ++slot)
      for (std::size_t o = 0; o < y.features(); ++o)
        step(slot, F + o) = static_cast<T>(feedback) * y.step(t - 1)(slot, o);
    network.step(step, state.matrix().rows(0, step.rows()), y.step(t), scratch.data());
  }
  return y;
}

template <class T>
double normalised_error(const Sequences<T>& outputs, const Stretch<T>& stretch) {
  const View<const T> y = judged_rows(outputs, stretch.washout),
                      d = judged_rows(stretch.targets, stretch.washout);
  double error = 0, variation = 0;
  for (std::size_t o = 0; o < d.columns(); ++o) {
    double sum = 0;
    for (std::size_t r = 0; r < d.rows(); ++r) sum += static_cast<double>(d(r, o));
    const double mean = sum / static_cast<double>(d.rows());
    for (std::size_t r = 0; r < d.rows(); ++r) {
      const double target = static_cast<double>(d(r, o)), miss = static_cast<double>(y(r, o)) - target;
      error += miss * miss, variation += (target - mean) * (target - mean);
    }
  }
  const double result = error / variation;
  return std::isfinite(result) ? result : std::numeric_limits<double>::quiet_NaN();
}

template Sequences<float> teacher_forced(const Stretch<float>&, std::optional<double>);
template Sequences<double> teacher_forced(const Stretch<double>&, std::optional<double>);
template Sequences<float> free_run(const Network<float>&, const Stretch<float>&, double);
template Sequences<double> free_run(const Network<double>&, const Stretch<double>&, double);
template double normalised_error(const Sequences<float>&, const Stretch<float>&);
template double normalised_error(const Sequences<double>&, const Stretch<double>&);

}  // namespace carousel
