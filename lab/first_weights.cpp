#include "lab/first_weights.h"

#include <algorithm>

#include "base/random.h"

namespace carousel::lab {

namespace {

constexpr std::uint64_t kStream = 0x66697273;  // of random numbers

}  // namespace

void set_first_weights(Network<double>& network, const FirstWeights& first, std::uint64_t seed) {
  const TruncatedShape shape = truncated_shape(network.spec(), network.inputs());
  const TruncatedLayout layout(shape);
  const Random random(seed, kStream);
  network.update_weights([&](std::span<double> weights) {
    for (std::size_t k = 0; k < weights.size(); ++k)
      weights[k] = random.uniform(k, -first.range, first.range);
    const auto biases = std::ranges::find(network.parameters().all(), shape.lstm + ".b", &Parameter::name);
    const auto set = [&](const std::vector<double>& values, std::size_t gate) {
      std::ranges::copy(values, weights.subspan(biases->offset + gate, values.size()).begin());
    };
    set(first.input, layout.i.begin);
    set(first.forget, layout.f.begin);
    const bool all_biased = shape.options.bias == Biases::all;  // then those of the cells come before
    set(first.output, layout.o.begin + (all_biased ? layout.g.count : 0));
  });
}

}  // namespace carousel::lab
