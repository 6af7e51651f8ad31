// For tests of transducers: small ones of every kind, and lengths of what they read and write.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "model/transducer.h"
#include "model/two_parts_testing.h"

namespace carousel::testing {

struct TransducerMember {
  std::string name, spec;
};
inline std::ostream& operator<<(std::ostream& out, const TransducerMember& member) {
  return out << member.spec;
}

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

}  // namespace carousel::testing
