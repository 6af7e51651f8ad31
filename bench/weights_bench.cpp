// What weights in fewer bits bring and cost: the same networks in float32, bf16 and int8, one thread.
//
//   weights_bench [rounds]
//
// In each round the three take turns; printed are medians of the time of one pass, and how many times faster
// than float32 it is. The drift is that of the outputs, root mean square, as a share of the standard
// deviation of float32's. Weights are as initialised, inputs uniform in [-1, 1).
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/median.h"
#include "kernels/target.h"
#include "model/drift.h"

namespace carousel {
namespace {

struct Work {
  std::string spec;
  std::size_t inputs, batch, time;
  bool stepped = false;  // through step(), as a stream
};

const std::vector<Work> kWorks = {{"lstm 512, lstm 512", 512, 1, 100},
                                  {"lstm 512, lstm 512", 512, 1, 100, true},
                                  {"lstm 256, lstm 256", 256, 1, 100},
                                  {"lstm 256, lstm 256", 256, 1, 100, true},
                                  {"lstm 1024", 1024, 1, 50},
                                  {"lstm 128", 64, 1, 100},
                                  {"lstm 40", 1, 1, 4800},
                                  {"lstm 512, lstm 512", 512, 4, 100},
                                  {"lstm 256, lstm 256", 256, 32, 100},
                                  {"lstm 1024", 1024, 64, 20}};
constexpr WeightFormat kFormats[] = {WeightFormat::float32, WeightFormat::bf16, WeightFormat::int8};

Sequences<float> inputs_of(const Work& work) {
  Sequences<float> x(std::vector<std::size_t>(work.batch, work.time), work.inputs);
  const Random random(1, 0);
  for (std::size_t i = 0; i < x.values().size(); ++i)
    x.values()[i] = static_cast<float>(random.uniform(i, -1.0, 1.0));
  return x;
}

/// A network in one format, and what its passes need.
class Runner {
 public:
  Runner(const Work& work, WeightFormat format, const Sequences<float>& x)
      : network(work.spec, work.inputs, 1),
        work_(work),
        x_(x),
        trace_(network.make_trace()),
        state_({work.batch, network.state_size()}),
        y_row_({work.batch, network.outputs()}),
        scratch_(network.step_scratch(work.batch)) {
    network.pack({format, false});
  }
  double seconds() {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point begin = Clock::now();
    run();
    return std::chrono::duration<double>(Clock::now() - begin).count();
  }

  Network<float> network;

 private:
  void run() {
    state_.fill(0);
    if (!work_.stepped) return network.forward({.pool = &pool_}, x_, state_.matrix(), y_, *trace_);
    for (std::size_t t = 0; t < work_.time; ++t)
      network.step(x_.step(t), state_.matrix(), y_row_.matrix(), scratch_.data());
  }

  const Work& work_;
  const Sequences<float>& x_;
  ThreadPool pool_{1};
  std::unique_ptr<Trace<float>> trace_;
  Sequences<float> y_;
  Tensor<float> state_, y_row_;
  AlignedVector<float> scratch_;
};

std::string row(const Work& work, std::size_t rounds) {
  const Sequences<float> x = inputs_of(work);
  std::vector<std::unique_ptr<Runner>> runners;
  for (const WeightFormat format : kFormats) runners.push_back(std::make_unique<Runner>(work, format, x));
  std::vector<std::vector<double>> seconds(runners.size());
  for (std::size_t round = 0; round < rounds; ++round)
    for (std::size_t i = 0; i < runners.size(); ++i) {
      runners[i]->seconds();  // brings its own weights into the caches
      seconds[i].push_back(runners[i]->seconds());
    }
  std::string text = fmt::format("| {}, F {}, B {}, T {}{} | {:.4g} |", work.spec, work.inputs, work.batch,
                                 work.time, work.stepped ? ", step by step" : "", 1e3 * median(seconds[0]));
  ThreadPool pool(1);
  for (std::size_t i = 1; i < runners.size(); ++i) {
    Drift drift;
    drift.add(runners[0]->network, runners[i]->network, x, pool);
    text += fmt::format(" {:.4g} ({:.2f}), {:.2g} % |", 1e3 * median(seconds[i]),
                        median(seconds[0]) / median(seconds[i]), 100 * drift.rms() / drift.spread());
  }
  return text;
}

}  // namespace
}  // namespace carousel

int main(int argc, char** argv) {
  const std::size_t rounds = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 31;
  fmt::print("target {}, {} rounds\n", carousel::kernels::target_name(), rounds);
  fmt::print("| work | float32, ms | bf16, ms (times faster), drift | int8, ms (times faster), drift |\n");
  fmt::print("|---|---|---|---|\n");
  for (const carousel::Work& work : carousel::kWorks) fmt::print("{}\n", carousel::row(work, rounds));
  return 0;
}
