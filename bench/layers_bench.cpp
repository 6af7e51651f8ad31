// Layers over whole sequences and step by step: one thread, float. `share` counts matrix products alone, so
// what else a layer does shows as what is missing.
#include <fmt/format.h>

#include <string>
#include <utility>

#include "measuring.h"
#include "tasks/work_runner.h"

namespace carousel::bench {
namespace {

constexpr std::size_t kTime = 100, kFeatures = 256;

void run_work(benchmark::State& state, const BenchmarkWork& work) {
  ThreadPool pool(1);
  WorkRunner runner(work, pool);
  runner.run();  // allocates
  double operations = 0;
  for (const WorkProduct& product : products_of(work, runner.network().parameters()))
    operations += product.operations;
  measure(state, operations, [&] { runner.run(); });
}

void register_layers() {
  using enum BenchmarkWork::Kind;
  // Members of the family, each in a turn with the plain one: what a member costs beside its products.
  for (const std::string layers :
       {"lstm 256", "peephole 256", "coupled 256", "no_input_gate 256", "no_forget_gate 256",
        "no_output_gate 256", "no_input_activation 256", "no_output_activation 256",
        "full_gate_recurrence 256", "lstm_1997 256", "lstm 256 peephole=full", "peephole_cell_feedback 256",
        "projected 256 projection=128", "lstm 256 layer_norm=on", "lstm 256 cells_per_block=4", "gru 256",
        "gru 256 reset=before"})
    for (const auto& [kind, name] :
         {std::pair(inference, "forward"), std::pair(training, "forward_backward")})
      benchmark::RegisterBenchmark(fmt::format("family/{}/{}", name, layers).c_str(), run_work,
                                   BenchmarkWork{kind, 32, kTime, kFeatures, layers});
  for (const std::string layers : {"lstm 256", "bidirectional(lstm 256)", "reversed(lstm 256)",
                                   "residual(lstm 256)", "lstm 256, dropout 0.1", "dense 256 tanh"})
    for (const auto& [kind, name] :
         {std::pair(inference, "forward"), std::pair(training, "forward_backward")})
      for (const std::size_t batch : {1, 32})
        benchmark::RegisterBenchmark(fmt::format("{}/{}/B:{}", name, layers, batch).c_str(), run_work,
                                     BenchmarkWork{kind, batch, kTime, kFeatures, layers});
  for (const std::string layers : {"lstm 256", "dense 256 tanh"})
    benchmark::RegisterBenchmark(("step/" + layers).c_str(), run_work,
                                 BenchmarkWork{step, 1, 1, kFeatures, layers});
}

}  // namespace
}  // namespace carousel::bench

int main(int count, char** words) {
  carousel::bench::register_layers();
  return carousel::bench::run_suite(count, words);
}
