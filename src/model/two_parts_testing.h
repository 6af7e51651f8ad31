// For tests of encoder-decoders and transducers, of kInputs features and kSymbols symbols: something for them
// to read and to write, and weights.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "model/weighted.h"
#include "tensor/sequences.h"

namespace carousel::testing {

inline constexpr std::size_t kInputs = 3, kSymbols = 4;

template <class T>
Sequences<T> some_sources(const std::vector<std::size_t>& lengths) {
  Sequences<T> x(lengths, kInputs);
  for (std::size_t b = 0; b < lengths.size(); ++b)
    for (std::size_t t = 0; t < lengths[b]; ++t)
      for (std::size_t f = 0; f < kInputs; ++f)
        x.at(b, t)[f] = static_cast<T>(Random(7, lengths[b] * 100 + b).uniform(t * kInputs + f, -1, 1));
  return x;
}
template <class T>
Sequences<T> some_targets(const std::vector<std::size_t>& lengths) {
  Sequences<T> y(lengths, 1);
  for (std::size_t b = 0; b < lengths.size(); ++b)
    for (std::size_t u = 0; u < lengths[b]; ++u)
      y.at(b, u)[0] = static_cast<T>(Random(8, lengths[b] * 100 + b).below(u, kSymbols));
  return y;
}

/// Weights larger than initialisation makes them, so that every part has its say.
template <class T>
void shake(Weighted<T>& model) {
  model.update_weights([](std::span<T> w) {
    const Random random(4, 4);
    for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<T>(random.uniform(i, -0.8, 0.8));
  });
}

/// Some of the sequences, in this order.
template <class T>
Sequences<T> only(const Sequences<T>& all, const std::vector<std::size_t>& which) {
  std::vector<std::size_t> lengths;
  for (const std::size_t b : which) lengths.push_back(all.layout().length(b));
  Sequences<T> result(lengths, all.features());
  for (std::size_t i = 0; i < which.size(); ++i)
    for (std::size_t t = 0; t < lengths[i]; ++t)
      std::ranges::copy(all.at(which[i], t), result.at(i, t).begin());
  return result;
}

/// What run(model, sources, targets) gives, logits and a gradient, is nearly the same in both precisions.
template <template <class> class Model>
void expect_float_agrees_with_double(const std::string& spec, const std::vector<std::size_t>& sources,
                                     const std::vector<std::size_t>& targets, const auto& run) {
  Model<float> model(spec, kInputs);
  shake(model);
  Model<double> exact(spec, kInputs);
  exact.set_weights(std::vector<double>(model.weights().begin(), model.weights().end()));
  const Sequences<float> x = some_sources<float>(sources);
  Sequences<double> exact_x(sources, kInputs);
  std::ranges::copy(x.values(), exact_x.values().begin());
  const auto a = run(model, x, some_targets<float>(targets));
  const auto b = run(exact, exact_x, some_targets<double>(targets));
  for (std::size_t i = 0; i < a.logits.values().size(); ++i)
    EXPECT_NEAR(a.logits.values()[i], b.logits.values()[i], 3e-6) << "logit " << i;
  double largest = 0;
  for (const double d : b.gradient) largest = std::max(largest, std::abs(d));
  for (std::size_t i = 0; i < a.gradient.size(); ++i)
    EXPECT_NEAR(a.gradient[i], b.gradient[i], 1e-5 * largest) << "derivative " << i;
}

}  // namespace carousel::testing
