// The largest error of each float activation over all 2^32 inputs, against the C library in double. Prints
// one line a function; takes some minutes. `activations_sweep [exp|log|tanh|sigmoid]` for one of them.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include "kernels/activations.h"
#include "kernels/target.h"

namespace {

struct Activation {
  const char* name;
  void (*function)(const float*, float*, std::size_t);
  double (*exact)(double);
};

double exact_sigmoid(double x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }

constexpr std::array<Activation, 4> kActivations = {{
    {"exp", carousel::kernels::exp<float>, [](double x) { return std::exp(x); }},
    {"log", carousel::kernels::log<float>, [](double x) { return std::log(x); }},
    {"tanh", carousel::kernels::tanh<float>, [](double x) { return std::tanh(x); }},
    {"sigmoid", carousel::kernels::sigmoid<float>, exact_sigmoid},
}};

/// In units of the last place of the exact value as a float; infinite where one is NaN or infinite and the
/// other is not the same.
double ulp_error(float found, double exact) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (std::isnan(exact) || std::isnan(found)) return std::isnan(exact) == std::isnan(found) ? 0 : infinity;
  const auto rounded = static_cast<float>(exact);
  if (std::isinf(rounded) || std::isinf(found)) return rounded == found ? 0 : infinity;
  // 2^(exponent - 23), of the smallest normal float or more, by its bits.
  const std::uint64_t exponent = std::bit_cast<std::uint64_t>(exact) >> 52 & 0x7ff;
  const std::uint64_t bounded = std::max<std::uint64_t>(exponent, 1023 - 126);
  return std::abs(found - exact) / std::bit_cast<double>((bounded - 23) << 52);
}

void sweep(const Activation& activation) {
  constexpr std::uint64_t chunk = 1 << 16;
  std::vector<float> in(chunk), out(chunk);
  double worst = 0;
  float at = 0;
  for (std::uint64_t begin = 0; begin < 1ull << 32; begin += chunk) {
    for (std::uint64_t i = 0; i < chunk; ++i)
      in[i] = std::bit_cast<float>(static_cast<std::uint32_t>(begin + i));
    activation.function(in.data(), out.data(), chunk);
    for (std::uint64_t i = 0; i < chunk; ++i) {
      const double error = ulp_error(out[i], activation.exact(static_cast<double>(in[i])));
      if (error > worst) worst = error, at = in[i];
    }
  }
  std::printf("%-8s largest error %.4f ulp, at %a\n", activation.name, worst, static_cast<double>(at));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  std::printf("target %s\n", carousel::kernels::target_name().c_str());
  for (const Activation& activation : kActivations) {
    if (argc < 2 || std::string(argv[1]) == activation.name) sweep(activation);
  }
  return 0;
}
