// For tests of decoders: outputs drawn at random, and every path there is.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "base/random.h"
#include "tensor/tensor.h"

namespace carousel::testing {

/// [frames, outputs], softmax of numbers in (-spread, spread), from the C library.
inline Tensor<double> some_log_probabilities(std::size_t frames, std::size_t outputs, std::uint64_t seed,
                                             double spread = 3) {
  Tensor<double> p({frames, outputs});
  const Random random(seed, 11);
  for (std::size_t t = 0; t < frames; ++t) {
    double sum = 0;
    for (std::size_t k = 0; k < outputs; ++k) {
      p[t * outputs + k] = random.uniform(t * outputs + k, -spread, spread);
      sum += std::exp(p[t * outputs + k]);
    }
    for (std::size_t k = 0; k < outputs; ++k) p[t * outputs + k] -= std::log(sum);
  }
  return p;
}

inline View<const double> view(const Tensor<double>& p) { return p.matrix(); }

/// Calls with every sequence of `length` numbers below `outputs`.
inline void for_each_path(std::size_t length, std::size_t outputs,
                          const std::function<void(const std::vector<std::size_t>&)>& call) {
  std::vector<std::size_t> path(length);
  for (;;) {
    call(path);
    std::size_t at = 0;
    while (at < length && ++path[at] == outputs) path[at++] = 0;
    if (at == length) return;
  }
}

/// What a path says: without repetitions, then without blanks.
inline std::vector<std::size_t> collapsed(const std::vector<std::size_t>& path, std::size_t blank) {
  std::vector<std::size_t> labels;
  for (std::size_t t = 0; t < path.size(); ++t)
    if (path[t] != blank && (t == 0 || path[t] != path[t - 1])) labels.push_back(path[t]);
  return labels;
}

struct Enumerated {
  double probability = 0;   // of all paths
  double best = -HUGE_VAL;  // log probability of the likeliest one
  std::vector<std::size_t> best_path;
};

/// Every labelling of the frames.
inline std::map<std::vector<std::size_t>, Enumerated> all_labellings(View<const double> p,
                                                                     std::size_t blank) {
  std::map<std::vector<std::size_t>, Enumerated> result;
  for_each_path(p.rows(), p.columns(), [&](const std::vector<std::size_t>& path) {
    double log_probability = 0;
    for (std::size_t t = 0; t < path.size(); ++t) log_probability += p(t, path[t]);
    Enumerated& one = result[collapsed(path, blank)];
    one.probability += std::exp(log_probability);
    if (log_probability > one.best) {
      one.best = log_probability;
      one.best_path = path;
    }
  });
  return result;
}

}  // namespace carousel::testing
