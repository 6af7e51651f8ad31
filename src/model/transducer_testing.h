// For tests of transducers: small ones of every kind, and something for them to read.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "base/random.h"
#include "model/transducer.h"

namespace carousel::testing {

struct TransducerMember {
  std::string name, spec;
};
inline std::ostream& operator<<(std::ostream& out, const TransducerMember& member) {
  return out << member.spec;
}

inline constexpr std::size_t kInputs = 3, kSymbols = 4;

inline const std::vector<TransducerMember>& transducers() {
  static const std::vector<TransducerMember> list = {
      {"bidirectional",
       "transducer(encoder(bidirectional(lstm 3)), prediction(lstm 4)) symbols=4 embedding=3 joint=5"},
      {"shortened",
       "transducer(encoder(gru 4, pyramid), prediction(gru 3, dense 2 tanh)) symbols=4 embedding=2"},
      {"learned_starts",
       "transducer(encoder(lstm 3 learned_start=on), prediction(residual(lstm 3 learned_start=on))) "
       "symbols=4 "
       "embedding=3"},
      {"regularised",
       "transducer(encoder(lstm 4, dropout 0.2), prediction(lstm 4 variational_dropout=0.2 "
       "zoneout_cell=0.2)) "
       "symbols=4 embedding=3 joint=3"},
  };
  return list;
}

inline const std::vector<std::size_t> kSources = {4, 0, 6, 1, 4, 5, 3}, kTargets = {3, 0, 2, 1, 3, 0, 2};

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
void shake(Transducer<T>& model) {
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

}  // namespace carousel::testing
