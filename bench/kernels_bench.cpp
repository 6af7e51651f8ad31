// How near the kernels come to this CPU's limit of fused multiply-adds, one thread, float.
//
//   kernels_bench [rounds]
//
// Each round measures the limit and every kernel once, a few milliseconds of processor time each, one right
// after another; printed are medians over the rounds, of the speed and of the share of the limit measured
// just before, so that other work on the machine disturbs as little as it can.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "base/random.h"
#include "kernels/gemm.h"
#include "kernels/limits.h"
#include "kernels/lstm_gates.h"
#include "kernels/target.h"

namespace carousel::kernels {
namespace {

AlignedVector<float> values(std::size_t n, std::uint64_t seed) {
  const Random random(seed, 0);
  AlignedVector<float> v(n);
  for (std::size_t i = 0; i < n; ++i) v[i] = static_cast<float>(2 * random.uniform(i) - 1);
  return v;
}

/// Something to measure: `work` returns the operations it did.
struct Measure {
  std::string name;
  std::function<double()> work;
  std::vector<double> speed, share;
};

double median(std::vector<double> v) {
  std::nth_element(v.begin(), v.begin() + v.size() / 2, v.end());
  return v[v.size() / 2];
}

/// C = A B of the given shape; with `transposed`, A is stored [K, M] as in a weight gradient, and B is packed
/// anew each time.
Measure product(std::size_t m, std::size_t n, std::size_t k, bool transposed = false) {
  const auto a = values(m * k, 1), b = values(k * n, 2);
  PackedMatrix<float> packed;
  packed.pack(b.data(), k, n, n, 1);
  const LeftMatrix<float> left{nullptr, transposed ? 1 : k, transposed ? m : 1};
  const double operations = 2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  const auto repeat = static_cast<std::size_t>(std::max(1.0, 1e8 / operations));
  AlignedVector<float> c(m * n);
  const std::string name = std::to_string(m) + " x " + std::to_string(n) + " x " + std::to_string(k) +
                           (transposed ? ", A transposed, B packed each time" : "");
  return {name,
          [=]() mutable {
            LeftMatrix<float> here = left;
            here.data = a.data();
            for (std::size_t i = 0; i < repeat; ++i) {
              if (transposed) packed.pack(b.data(), k, n, n, 1);
              gemm(m, here, packed, c.data(), n, Start::zero);
            }
            return operations * static_cast<double>(repeat);
          },
          {},
          {}};
}

Measure gates(std::size_t rows, std::size_t hidden) {
  const auto x = values(rows * 4 * hidden, 3);
  AlignedVector<float> out(x), c(rows * hidden), h(rows * hidden);
  return {
      "LSTM gates forward, " + std::to_string(rows) + " rows, H " + std::to_string(hidden),
      [=]() mutable {
        constexpr std::size_t repeat = 20;
        for (std::size_t i = 0; i < repeat; ++i) {
          std::copy(x.begin(), x.end(), out.begin());
          lstm_gates_forward<float>(
              {hidden, {out.data(), 4 * hidden}, {c.data(), hidden}, {c.data(), hidden}, {h.data(), hidden}},
              0, rows, 0, hidden);
        }
        return static_cast<double>(repeat * rows * hidden);
      },
      {},
      {}};
}

void run(std::size_t rounds) {
  std::vector<Measure> measures;
  measures.push_back(
      {"limit: FMAs in registers", [] { return multiply_adds_in_registers<float>(500000); }, {}, {}});
  measures.push_back(product(32, 1024, 256));
  measures.push_back(product(64, 4096, 1024));
  measures.push_back(product(3200, 1024, 256));
  measures.push_back(product(48, 64, 256));
  measures.push_back(product(1, 1024, 256));
  measures.push_back(product(1024, 256, 3200, true));
  measures.push_back(gates(32, 256));
  for (std::size_t round = 0; round < rounds; ++round) {
    for (Measure& measure : measures) {
      const std::clock_t begin = std::clock();
      const double operations = measure.work();
      const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
      measure.speed.push_back(operations / seconds * 1e-9);
      measure.share.push_back(measure.speed.back() / measures[0].speed.back());
    }
  }
  std::printf(
      "target %s, %zu rounds; m x n x k, 10^9 operations (units of gates) a second, share of the limit\n",
      target_name().c_str(), rounds);
  for (const Measure& measure : measures) {
    std::printf("%-52s %9.2f %7.1f %%  (best %.2f)\n", measure.name.c_str(), median(measure.speed),
                100 * median(measure.share), *std::max_element(measure.speed.begin(), measure.speed.end()));
  }
}

}  // namespace
}  // namespace carousel::kernels

int main(int argc, char** argv) {
  carousel::kernels::run(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 101);
  return 0;
}
