// Every member of the family and every composition that the contract's tests and the gradient checks run
// over: a new layer adds its spec here and is tested.
#pragma once

#include <cstddef>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"

namespace carousel::testing {

struct Member {
  std::string name;  ///< letters and digits, for the test's name
  std::string spec;
  std::size_t inputs;
  std::size_t symbols = 0;  ///< where inputs are numbers of symbols: so many; elsewhere they are in [-1, 1)
};

inline std::ostream& operator<<(std::ostream& out, const Member& member) { return out << member.spec; }

inline const std::vector<Member>& members() {
  static const std::vector<Member> list = {
      {"lstm", "lstm 7", 3},
      {"lstm_dense", "lstm 6, dense 3 tanh", 2},
      {"deep", "lstm 6, lstm 5, lstm 4, dense 2 sigmoid", 3},
      {"dense_relu", "dense 6 relu, dense 2", 4},
      {"dropout", "lstm 6, dropout 0.3, lstm 4, dropout 0.2, dense 2", 3},
      {"residual", "dense 4, residual(lstm 4), residual(lstm 6, dense 4), dense 1", 2},
      {"reversed", "reversed(lstm 5), dense 2", 3},
      {"bidirectional", "bidirectional(lstm 5), dense 2", 3},
      {"bidirectional_sum", "bidirectional(lstm 4, dense 3) merge=sum", 3},
      {"bidirectional_deep", "bidirectional(lstm 4) merge=mean, bidirectional(lstm 3), lstm 4", 2},
      {"gru", "gru 7", 3},
      {"gru_before", "gru 7 reset=before", 3},
      {"gru_deep", "gru 6, gru 5 reset=before, gru 4, dense 2", 2},
      {"gru_bidirectional", "bidirectional(gru 5), bidirectional(gru 4 reset=before) merge=sum", 2},
      {"embedding", "embedding 5 4, lstm 3, dense 2", 1, 5},
      {"embedding_both_ways", "bidirectional(embedding 6 3, lstm 4), dense 1", 1, 6},
  };
  return list;
}

template <class T>
void fill_inputs(const Member& member, std::span<T> x, std::uint64_t seed) {
  const Random random(seed, 1);
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] = static_cast<T>(member.symbols > 0 ? static_cast<double>(random.below(i, member.symbols))
                                             : random.uniform(i, -1.0, 1.0));
}

inline std::string member_name(const auto& info) { return info.param.name; }

}  // namespace carousel::testing
