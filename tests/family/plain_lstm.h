// The LSTM as docs/equations.md has it, a step at a time in plain loops of doubles: what options of a layer
// are to be measured by.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "model/network.h"

namespace carousel::testing {

inline constexpr double kNever = std::numeric_limits<double>::infinity();

/// Of clip_gates, clip_cell and clip_projection.
struct LstmLimits {
  double gates = kNever, cell = kNever, projection = kNever;
};

/// With the parameters of a network of one such layer; p (a diagonal peephole, the output gate seeing c_t)
/// and W_p where the layer has them.
class PlainLstm {
 public:
  struct Clipped {
    std::size_t gates = 0, cell = 0, projection = 0;
  };
  struct State {
    std::vector<double> h, c;
  };

  explicit PlainLstm(const Network<double>& network, LstmLimits limits = {}) : limits_(limits) {
    for (const Parameter& parameter : network.parameters().all()) {
      const std::string_view name = parameter.name;
      std::vector<double>& to = name.ends_with(".W_p") ? W_p_
                                : name.ends_with(".W") ? W_
                                : name.ends_with(".R") ? R_
                                : name.ends_with(".p") ? p_
                                                       : b_;
      EXPECT_TRUE(to.empty() && (&to != &b_ || name.ends_with(".b"))) << name;
      const auto values = network.weights().subspan(parameter.offset, parameter.shape.size());
      to.assign(values.begin(), values.end());
    }
  }

  /// What a step makes of x and of the state before, of which h is what enters the products.
  State step(std::span<const double> x, const std::vector<double>& h, const std::vector<double>& c) {
    const std::size_t H = c.size();
    std::vector<double> a = b_, m(H);
    State now{{}, std::vector<double>(H)};
    for (std::size_t g = 0; g < a.size(); ++g) {
      for (std::size_t k = 0; k < x.size(); ++k) a[g] += W_[g * x.size() + k] * x[k];
      for (std::size_t k = 0; k < h.size(); ++k) a[g] += R_[g * h.size() + k] * h[k];
    }
    for (std::size_t j = 0; j < H; ++j) {
      const double i = logistic(gate(a[j] + peephole(0, j, H) * c[j]));
      const double f = logistic(gate(a[H + j] + peephole(1, j, H) * c[j]));
      now.c[j] = limit(f * c[j] + i * std::tanh(gate(a[2 * H + j])), limits_.cell, clipped_.cell);
      m[j] = logistic(gate(a[3 * H + j] + peephole(2, j, H) * now.c[j])) * std::tanh(now.c[j]);
    }
    now.h = W_p_.empty() ? m : projected(m);
    return now;
  }

  /// How often a limit has acted in all steps so far.
  const Clipped& clipped() const noexcept { return clipped_; }

 private:
  static double logistic(double a) { return 1 / (1 + std::exp(-a)); }
  double limit(double value, double most, std::size_t& count) {
    if (std::abs(value) <= most) return value;
    ++count;
    return std::copysign(most, value);
  }
  double gate(double a) { return limit(a, limits_.gates, clipped_.gates); }
  double peephole(std::size_t gate, std::size_t j, std::size_t H) const {
    return p_.empty() ? 0 : p_[gate * H + j];
  }
  std::vector<double> projected(const std::vector<double>& m) {
    std::vector<double> h(W_p_.size() / m.size());
    for (std::size_t r = 0; r < h.size(); ++r) {
      for (std::size_t k = 0; k < m.size(); ++k) h[r] += W_p_[r * m.size() + k] * m[k];
      h[r] = limit(h[r], limits_.projection, clipped_.projection);
    }
    return h;
  }

  LstmLimits limits_;
  Clipped clipped_;
  std::vector<double> W_, R_, b_, p_, W_p_;
};

}  // namespace carousel::testing
