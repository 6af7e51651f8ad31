// How near the kernels come to this CPU's limit of fused multiply-adds: one thread, float.
#include "kernels/gemm.h"
#include "kernels/lstm_gates.h"
#include "measuring.h"

namespace carousel::bench {
namespace {

using namespace kernels;

/// C = A B, m x n x k, with B kept in a format.
template <WeightFormat kFormat = WeightFormat::float32>
void product(benchmark::State& state) {
  const auto m = static_cast<std::size_t>(state.range(0)), n = static_cast<std::size_t>(state.range(1)),
             k = static_cast<std::size_t>(state.range(2));
  const auto a = values(m * k, 1), b = values(k * n, 2);
  PackedMatrix<float> packed;
  packed.pack(b.data(), k, n, n, 1, 1, kFormat);
  AlignedVector<float> c(m * n);
  measure(state, 2.0 * static_cast<double>(m * n * k), [&] {
    gemm(m, LeftMatrix<float>{a.data(), k}, packed, c.data(), n, Start::zero);
  });
}

/// As in a weight gradient: A is stored [K, M], and B is packed anew each time.
void outer_products(benchmark::State& state) {
  const auto m = static_cast<std::size_t>(state.range(0)), n = static_cast<std::size_t>(state.range(1)),
             k = static_cast<std::size_t>(state.range(2));
  const auto a = values(m * k, 1), b = values(k * n, 2);
  PackedMatrix<float> packed;
  AlignedVector<float> c(m * n);
  measure(state, 2.0 * static_cast<double>(m * n * k), [&] {
    packed.pack(b.data(), k, n, n, 1);
    gemm(m, LeftMatrix<float>{a.data(), 1, m}, packed, c.data(), n, Start::zero);
  });
}

/// Counter: units of H that gate arithmetic was done for, a second.
void units_per_second(benchmark::State& state, std::size_t units) {
  state.counters["units"] =
      benchmark::Counter(static_cast<double>(units) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate, benchmark::Counter::kIs1000);
}

void gates_forward(benchmark::State& state) {
  const auto rows = static_cast<std::size_t>(state.range(0)),
             hidden = static_cast<std::size_t>(state.range(1));
  auto gates = values(rows * 4 * hidden, 1), c = values(rows * hidden, 2), h = values(rows * hidden, 3);
  for (auto _ : state) {
    lstm_gates_forward<float>(
        plain_lstm_forward<float>(hidden, {gates.data(), 4 * hidden}, {c.data(), hidden}, {c.data(), hidden},
                                  {h.data(), hidden}),
        0, rows, 0, hidden);
    benchmark::ClobberMemory();
  }
  units_per_second(state, rows * hidden);
}

void gates_backward(benchmark::State& state) {
  const auto rows = static_cast<std::size_t>(state.range(0)),
             hidden = static_cast<std::size_t>(state.range(1));
  const auto gates = values(rows * 4 * hidden, 1), c = values(rows * hidden, 2),
             dh = values(rows * hidden, 3);
  auto dc = values(rows * hidden, 4), dgates = gates;
  for (auto _ : state) {
    lstm_gates_backward<float>(
        plain_lstm_backward<float>(hidden, {gates.data(), 4 * hidden}, {c.data(), hidden}, {c.data(), hidden},
                                   {dh.data(), hidden}, {dc.data(), hidden}, {dgates.data(), 4 * hidden}),
        0, rows, 0, hidden);
    benchmark::ClobberMemory();
  }
  units_per_second(state, rows * hidden);
}

void limit(benchmark::State& state) {
  constexpr std::size_t turns = 500'000;
  const double operations = multiply_adds_in_registers<float>(turns);
  measure(state, operations, [] { benchmark::DoNotOptimize(multiply_adds_in_registers<float>(turns)); });
}

BENCHMARK(limit);
BENCHMARK(product<>)
    ->Name("product")
    ->Args({32, 1024, 256})
    ->Args({64, 4096, 1024})
    ->Args({3200, 1024, 256})
    ->Args({48, 64, 256})
    ->Args({1, 1024, 256})
    ->Args({1, 2048, 512});
BENCHMARK(product<WeightFormat::bf16>)->Name("product_bf16")->Args({1, 2048, 512});
BENCHMARK(product<WeightFormat::int8>)->Name("product_int8")->Args({1, 2048, 512});
BENCHMARK(outer_products)->Args({1024, 256, 3200});
BENCHMARK(gates_forward)->Args({32, 256});
BENCHMARK(gates_backward)->Args({32, 256});

}  // namespace
}  // namespace carousel::bench

int main(int count, char** words) { return carousel::bench::run_suite(count, words); }
