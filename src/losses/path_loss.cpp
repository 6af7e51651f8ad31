#include "losses/path_loss.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tensor/check_symbols.h"
#include "tensor/symbols.h"

namespace carousel {

namespace {

using Symbols = std::vector<std::size_t>;

template <class T>
std::vector<Symbols> symbols_of(const Sequences<T>& target) {
  std::vector<Symbols> result(target.layout().batch());
  for (std::size_t b = 0; b < result.size(); ++b)
    for (std::size_t u = 0; u < target.layout().length(b); ++u)
      result[b].push_back(static_cast<std::size_t>(target.at(b, u)[0]));
  return result;
}

template <class T>
Sequences<T> one_sequence(View<const T> rows) {
  Sequences<T> result({rows.rows()}, rows.columns());
  for (std::size_t t = 0; t < rows.rows(); ++t) std::ranges::copy(rows.row_span(t), result.at(0, t).begin());
  return result;
}

}  // namespace

template <class T>
PathLoss<T>::PathLoss(std::string name, std::size_t classes) : name_(std::move(name)), classes_(classes) {
  if (classes < 2 || classes > kMaxSymbols)
    throw SettingError(
        fmt::format("loss {}: from 2 to {} classes are possible, symbols and the blank, got {}", name_,
                    kMaxSymbols, classes));
}

template <class T>
LossValue PathLoss<T>::evaluate(View<const T> prediction, View<const T> target, View<T> gradient) const {
  const bool backward = gradient.rows() != 0;
  if (backward && (gradient.rows() != prediction.rows() || gradient.columns() != prediction.columns()))
    throw Error(fmt::format("[{}] expected a gradient [{}, {}], got [{}, {}]", name_, prediction.rows(),
                            prediction.columns(), gradient.rows(), gradient.columns()));
  ThreadPool alone(1);
  Sequences<T> d;
  const LossValue value =
      evaluate_sequences(alone, one_sequence(prediction), one_sequence(target), backward ? &d : nullptr);
  for (std::size_t t = 0; t < gradient.rows(); ++t) std::ranges::copy(d.at(0, t), gradient.row(t));
  return value;
}

template <class T>
LossValue PathLoss<T>::evaluate_sequences(ThreadPool& pool, const Sequences<T>& prediction,
                                          const Sequences<T>& target, Sequences<T>* gradient) const {
  const SequenceLayout& layout = prediction.layout();
  const std::size_t B = layout.batch();
  this->check_lengths(layout.lengths(), target.layout().lengths());
  if (prediction.features() != classes_ || target.features() != 1)
    throw Error(
        fmt::format("[{}] expected predictions [T, B, {}] and targets [U, B, 1], got {} and {} values "
                    "a step",
                    name_, classes_, prediction.features(), target.features()));
  check_symbols(name_, target, blank());
  const std::vector<Symbols> symbols = symbols_of(target);
  std::vector<std::uint8_t> counts(B);
  LossValue value;
  for (std::size_t b = 0; b < B; ++b) {
    counts[b] = has_path(layout.length(b), symbols[b], b) ? 1 : 0;
    ++(counts[b] != 0 ? value.count : value.left_out);
  }
  if (gradient != nullptr) gradient->reshape(prediction.layout_pointer(), classes_);
  if (gradient != nullptr && value.left_out > 0) gradient->fill(T(0));
  const T scale = value.count == 0 ? T(0) : T(1) / static_cast<T>(value.count);
  std::vector<double> losses(B, 0.0);
  const std::size_t parts = std::min(pool.threads_now(), B);
  pool.run(parts, [&](std::size_t part) {
    const std::unique_ptr<PathSums<T>> sums = make_sums();
    std::vector<const T*> rows;
    std::vector<T*> derivatives;
    for (std::size_t b = part; b < B; b += parts) {
      if (counts[b] == 0) continue;
      rows.resize(layout.length(b));
      derivatives.resize(gradient != nullptr ? rows.size() : 0);
      for (std::size_t t = 0; t < rows.size(); ++t) rows[t] = prediction.at(b, t).data();
      for (std::size_t t = 0; t < derivatives.size(); ++t) derivatives[t] = gradient->at(b, t).data();
      losses[b] = sums->evaluate(rows, symbols[b], derivatives, scale);
    }
  });
  for (const double loss : losses) value.sum += loss;
  return value;
}

template class PathLoss<float>;
template class PathLoss<double>;

}  // namespace carousel
