#include "lab/signal.h"

#include <carousel/error.h>

#include <algorithm>

namespace carousel::lab {

std::vector<float> outputs_of(const Network<float>& network, std::span<const float> x, ThreadPool& pool) {
  if (network.inputs() != 1 || network.outputs() != 1)
    throw Error("[outputs_of] expected a network of one input and one output");
  Sequences<float> in({x.size()}, 1), out;
  std::ranges::copy(x, in.values().begin());
  Tensor<float> state = network.start(1);
  const auto trace = network.make_trace();
  network.forward({.pool = &pool}, in, state.matrix(), out, *trace);
  return {out.values().begin(), out.values().end()};
}

}  // namespace carousel::lab
