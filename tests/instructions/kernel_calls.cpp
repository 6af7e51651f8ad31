// One kernel called a fixed number of times, for check.py to count the instructions of.
//
//   kernel_calls           prints the names of the kernels
//   kernel_calls KERNEL    runs one
//
// On AVX2 whatever the CPU has besides, for that is what callgrind knows best; ends with status 77 where
// there is none.
#include <carousel/error.h>

#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "base/random.h"
#include "kernels/gemm.h"
#include "kernels/lstm_gates.h"
#include "kernels/target.h"

/// Called by name: callgrind counts what happens inside.
extern "C" [[gnu::noinline]] void measured_calls(const std::function<void()>& call, int calls) {
  for (int i = 0; i < calls; ++i) call();
}

namespace carousel::kernels {
namespace {

constexpr int kCalls = 2, kNotPossible = 77;

AlignedVector<float> values(std::size_t n, std::uint64_t seed) {
  const Random random(seed, 0);
  AlignedVector<float> v(n);
  for (std::size_t i = 0; i < n; ++i) v[i] = static_cast<float>(2 * random.uniform(i) - 1);
  return v;
}

/// The recurrent product of a time step of LSTM cells: h [rows, hidden] times R^T [hidden, 4 hidden], added
/// to the gates.
std::function<void()> recurrent_product(std::size_t rows, std::size_t hidden) {
  const std::size_t gates = 4 * hidden;
  const auto r = values(gates * hidden, 1);
  PackedMatrix<float> packed;
  packed.pack(r.data(), hidden, gates, 1, hidden, 4);
  return [=, h = values(rows * hidden, 2), y = values(rows * gates, 3)]() mutable {
    gemm(rows, LeftMatrix<float>{h.data(), hidden}, packed, y.data(), gates, Start::accumulate);
  };
}

/// dgates^T [4 hidden, rows] times h [rows, hidden], which is packed first.
std::function<void()> weight_gradient(std::size_t rows, std::size_t hidden) {
  const std::size_t gates = 4 * hidden;
  return [=, dgates = values(rows * gates, 1), h = values(rows * hidden, 2),
          gradient = values(gates * hidden, 3), packed = PackedMatrix<float>()]() mutable {
    packed.pack(h.data(), rows, hidden, hidden, 1);
    gemm(gates, LeftMatrix<float>{dgates.data(), 1, gates}, packed, gradient.data(), hidden,
         Start::accumulate);
  };
}

std::function<void()> gates_forward(std::size_t rows, std::size_t hidden) {
  return [=, gates = values(rows * 4 * hidden, 1), c = values(rows * hidden, 2),
          h = values(rows * hidden, 3)]() mutable {
    const auto step = plain_lstm_forward<float>(hidden, {gates.data(), 4 * hidden}, {c.data(), hidden},
                                                {c.data(), hidden}, {h.data(), hidden});
    lstm_gates_forward(step, 0, rows, 0, hidden);
  };
}

std::function<void()> gates_backward(std::size_t rows, std::size_t hidden) {
  return [=, gates = values(rows * 4 * hidden, 1), c = values(rows * hidden, 2),
          dh = values(rows * hidden, 3), dc = values(rows * hidden, 4),
          dgates = values(rows * 4 * hidden, 5)]() mutable {
    const auto step =
        plain_lstm_backward<float>(hidden, {gates.data(), 4 * hidden}, {c.data(), hidden}, {c.data(), hidden},
                                   {dh.data(), hidden}, {dc.data(), hidden}, {dgates.data(), 4 * hidden});
    lstm_gates_backward(step, 0, rows, 0, hidden);
  };
}

struct Kernel {
  std::string name;
  std::function<void()> call;
};

std::vector<Kernel> all_kernels() {
  return {{"gemm_step_32x1024x256", recurrent_product(32, 256)},
          {"gemm_row_1x1024x256", recurrent_product(1, 256)},
          {"lstm_gates_forward_32x256", gates_forward(32, 256)},
          {"lstm_gates_backward_32x256", gates_backward(32, 256)},
          {"weight_gradient_1024x256x64", weight_gradient(64, 256)}};
}

int run(int count, const char* const* words) {
  use_target("AVX2");
  for (const Kernel& kernel : all_kernels()) {
    if (count == 1) std::printf("%s\n", kernel.name.c_str());
    if (count == 1 || kernel.name != words[1]) continue;
    kernel.call();  // what is allocated once is allocated here
    measured_calls(kernel.call, kCalls);
    std::printf("%d calls\n", kCalls);
    return 0;
  }
  return count == 1 ? 0 : 2;
}

}  // namespace
}  // namespace carousel::kernels

int main(int count, char** words) {
  try {
    return carousel::kernels::run(count, words);
  } catch (const carousel::SettingError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return carousel::kernels::kNotPossible;
  }
}
