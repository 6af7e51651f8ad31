// Layers over whole sequences and step by step: one thread, float. `share` counts matrix products alone,
// those with weights and those of an mlstm's memory, so what else a layer does shows as what is missing.
#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <utility>

#include "measuring.h"
#include "tasks/work_runner.h"

namespace carousel::bench {
namespace {

constexpr std::size_t kTime = 100, kFeatures = 256;

constexpr const char* kMembers[] = {"lstm 256",
                                    "peephole 256",
                                    "coupled 256",
                                    "no_input_gate 256",
                                    "no_forget_gate 256",
                                    "no_output_gate 256",
                                    "no_input_activation 256",
                                    "no_output_activation 256",
                                    "full_gate_recurrence 256",
                                    "lstm_1997 256",
                                    "lstm 256 peephole=full",
                                    "peephole_cell_feedback 256",
                                    "projected 256 projection=128",
                                    "lstm 256 layer_norm=on",
                                    "lstm 256 cells_per_block=4",
                                    "lstm 256 clip_gates=50 clip_cell=10",
                                    "projected 256 projection=128 clip_projection=10",
                                    "lstm 256 output_activation=relu",
                                    "gru 256",
                                    "gru 256 reset=before",
                                    "rnn 256",
                                    "slstm 256 heads=4",
                                    "mlstm 256 heads=4",
                                    "min_lstm 256",
                                    "min_gru 256"};

/// Of a pass over `mlstm H heads=N`, what its N memories of d x d take. A step forward: C = f C + i v k^T and
/// C q are d * d multiply-adds each. Back: dC, and what C and dC bring to q, k and v. So the recurrence has
/// it, and a chunk of steps at once takes no fewer. What is done a second time does not count, nor what takes
/// d alone.
double memory_operations(const BenchmarkWork& work) {
  double hidden = 0, heads = 0;
  if (std::sscanf(work.layers.c_str(), "mlstm %lf heads=%lf", &hidden, &heads) != 2) return 0;
  const double multiply_adds = 2 * hidden * hidden / heads * static_cast<double>(work.steps());
  return 2 * (work.kind == BenchmarkWork::Kind::training ? 3 : 1) * multiply_adds;
}

void run_work(benchmark::State& state, const BenchmarkWork& work) {
  ThreadPool pool(1);
  WorkRunner runner(work, pool);
  runner.run();  // allocates
  double operations = memory_operations(work);
  for (const WorkProduct& product : products_of(work, runner.network().parameters()))
    operations += product.operations;
  measure(state, operations, [&] { runner.run(); });
}

/// A training pass and what an update asks for around it: the weights packed anew, with what changes them.
void run_update(benchmark::State& state, const BenchmarkWork& work) {
  ThreadPool pool(1);
  WorkRunner runner(work, pool);
  runner.run();  // allocates
  double operations = 0;
  for (const WorkProduct& product : products_of(work, runner.network().parameters()))
    operations += product.operations;
  std::vector<float> gradient(runner.network().weights().size());
  std::uint64_t update = 0;
  measure(state, operations, [&] {
    Network<float>& network = runner.network();
    network.pack(network.packing());
    if (network.perturbed()) network.perturb(pool, 1, ++update);
    runner.run();
    if (network.perturbed()) network.unperturb_gradient(pool, 1, update, gradient);
  });
}

/// Layers whose work does not follow from the shapes of weights, as they are used at every position of an
/// image or are no matrices: multiply-adds of one pass forward are given.
struct CountedWork {
  std::string name;
  BenchmarkWork work;
  double multiply_adds;
};

void run_counted(benchmark::State& state, const CountedWork& counted) {
  ThreadPool pool(1);
  WorkRunner runner(counted.work, pool);
  runner.run();  // allocates
  const bool training = counted.work.kind == BenchmarkWork::Kind::training;
  measure(state, 2.0 * (training ? 3.0 : 1.0) * counted.multiply_adds, [&] { runner.run(); });
}

void register_space() {
  using enum BenchmarkWork::Kind;
  constexpr std::size_t steps = 10, positions = 64 * 64, channels = 16;
  const double convolution = 8.0 * steps * positions * (9 * channels * 2) * 4 * channels;
  // 784 cells see one number and two neighbours of 32 units each; 5 gates, 4 directions.
  const double cells = 32.0 * 28 * 28 * 4 * (1 + 64) * 5 * 32;
  for (const auto& [kind, name] :
       {std::pair(inference, "forward"), std::pair(training, "forward_backward")}) {
    const CountedWork works[] = {
        {"conv_lstm 64x64", {kind, 8, steps, positions * channels, "conv_lstm 16 size=64x64"}, convolution},
        {"md_lstm 28x28", {kind, 32, 1, 28 * 28, "md_lstm 32 size=28x28 output=last"}, cells}};
    for (const CountedWork& work : works)
      benchmark::RegisterBenchmark(fmt::format("space/{}/{}", name, work.name).c_str(), run_counted, work);
  }
}

/// The plain LSTM as units, connections and gaters, beside itself: multiply-adds as of its products.
void register_units() {
  using enum BenchmarkWork::Kind;
  constexpr std::size_t units = 64;
  const double products = 32.0 * kTime * 4 * units * (units + units);
  for (const std::string layers : {"lstm 64", "lstm_g 64 wiring=lstm"})
    for (const auto& [kind, name] :
         {std::pair(inference, "forward"), std::pair(training, "forward_backward")})
      benchmark::RegisterBenchmark(fmt::format("units/{}/{}", name, layers).c_str(), run_counted,
                                   CountedWork{layers, {kind, 32, kTime, units, layers}, products});
}

void register_layers() {
  using enum BenchmarkWork::Kind;
  // Members of the family, each in a turn with the plain one: what a member costs beside its products.
  for (const std::string layers : kMembers) {
    for (const auto& [kind, name] :
         {std::pair(inference, "forward"), std::pair(training, "forward_backward")})
      benchmark::RegisterBenchmark(fmt::format("family/{}/{}", name, layers).c_str(), run_work,
                                   BenchmarkWork{kind, 32, kTime, kFeatures, layers});
    benchmark::RegisterBenchmark(("family/step/" + layers).c_str(), run_work,
                                 BenchmarkWork{step, 1, 1, kFeatures, layers});
  }
  // Regularised training beside plain training: drop_connect and weight_noise act between updates.
  for (const std::string layers :
       {"lstm 256", "lstm 256 variational_dropout=0.3", "lstm 256 zoneout_hidden=0.1 zoneout_cell=0.1",
        "lstm 256 drop_connect=0.5", "lstm 256 weight_noise=0.05", "lstm 256 learned_start=on"})
    benchmark::RegisterBenchmark(("regularised/" + layers).c_str(), run_update,
                                 BenchmarkWork{training, 32, kTime, kFeatures, layers});
  for (const std::string layers : {"lstm 256", "bidirectional(lstm 256)", "reversed(lstm 256)",
                                   "residual(lstm 256)", "lstm 256, dropout 0.1", "dense 256 tanh"})
    for (const auto& [kind, name] :
         {std::pair(inference, "forward"), std::pair(training, "forward_backward")})
      for (const std::size_t batch : {1, 32})
        benchmark::RegisterBenchmark(fmt::format("{}/{}/B:{}", name, layers, batch).c_str(), run_work,
                                     BenchmarkWork{kind, batch, kTime, kFeatures, layers});
  benchmark::RegisterBenchmark("step/dense 256 tanh", run_work,
                               BenchmarkWork{step, 1, 1, kFeatures, "dense 256 tanh"});
}

}  // namespace
}  // namespace carousel::bench

int main(int count, char** words) {
  carousel::bench::register_layers();
  carousel::bench::register_space();
  carousel::bench::register_units();
  return carousel::bench::run_suite(count, words);
}
