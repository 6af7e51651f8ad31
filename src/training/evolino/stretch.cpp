#include "training/evolino/stretch.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace carousel {

template <class T>
std::vector<std::size_t> rows_with_targets(const Stretch<T>& stretch) {
  std::vector<std::size_t> rows;
  const View<const T> d = stretch.targets.matrix();
  for (std::size_t r = stretch.targets.layout().first_row(stretch.washout); r < d.rows(); ++r)
    if (std::ranges::none_of(d.row_span(r), [](T v) { return std::isnan(v); })) rows.push_back(r);
  return rows;
}

template <class T>
Tensor<T> take_rows(const Sequences<T>& values, std::span<const std::size_t> rows) {
  Tensor<T> taken({rows.size(), values.features()});
  for (std::size_t i = 0; i < rows.size(); ++i)
    std::ranges::copy(values.matrix().row_span(rows[i]), taken.matrix().row(i));
  return taken;
}

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
  const std::vector<std::size_t> rows = rows_with_targets(stretch);
  const View<const T> y = outputs.matrix(), d = stretch.targets.matrix();
  double error = 0, variation = 0;
  for (std::size_t o = 0; o < d.columns(); ++o) {
    double sum = 0;
    for (const std::size_t r : rows) sum += static_cast<double>(d(r, o));
    const double mean = sum / static_cast<double>(rows.size());
    for (const std::size_t r : rows) {
      const double target = static_cast<double>(d(r, o)), miss = static_cast<double>(y(r, o)) - target;
      error += miss * miss, variation += (target - mean) * (target - mean);
    }
  }
  const double result = error / variation;
  return std::isfinite(result) ? result : std::numeric_limits<double>::quiet_NaN();
}

template std::vector<std::size_t> rows_with_targets(const Stretch<float>&);
template std::vector<std::size_t> rows_with_targets(const Stretch<double>&);
template Tensor<float> take_rows(const Sequences<float>&, std::span<const std::size_t>);
template Tensor<double> take_rows(const Sequences<double>&, std::span<const std::size_t>);
template Sequences<float> teacher_forced(const Stretch<float>&, std::optional<double>);
template Sequences<double> teacher_forced(const Stretch<double>&, std::optional<double>);
template Sequences<float> free_run(const Network<float>&, const Stretch<float>&, double);
template Sequences<double> free_run(const Network<double>&, const Stretch<double>&, double);
template double normalised_error(const Sequences<float>&, const Stretch<float>&);
template double normalised_error(const Sequences<double>&, const Stretch<double>&);

}  // namespace carousel
