// Any activation of the family, chosen at run time for a whole row, and its slope from its own value y.
//
//     identity         x                             1
//     sigmoid          1 / (1 + e^-x)                y (1 - y)
//     tanh             tanh(x)                       1 - y^2
//     relu             max(0, x)                     1 where y > 0
//     leaky_relu       x, alpha x below 0            1 where y > 0, else alpha
//     thresholded_relu x above alpha, else 0         1 where y > 0
//     elu              x, alpha (e^x - 1) below 0    1 where y > 0, else y + alpha
//     hard_sigmoid     alpha x + beta within [0, 1]  alpha where 0 < y < 1
//     softsign         x / (1 + |x|)                 (1 - |y|)^2
//     softplus         log(1 + e^x)                  1 - e^-y
//     scaled_tanh      alpha tanh(beta x)            beta (alpha - y^2 / alpha)
//     scaled_sigmoid   alpha sigmoid(x) + beta       s (1 - s) alpha with s = (y - beta) / alpha
//     affine           alpha x + beta                alpha
//
// The functions, names in lower case and standard parameters are those of ONNX (operators LSTM, GRU, RNN),
// but for scaled_sigmoid: 4 s - 2 and 2 s - 1 are the squashing functions of Hochreiter & Schmidhuber 1997.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace carousel::kernels {

enum class ActivationKind {
  identity,
  sigmoid,
  tanh,
  relu,
  leaky_relu,
  thresholded_relu,
  elu,
  hard_sigmoid,
  softsign,
  softplus,
  scaled_tanh,
  scaled_sigmoid,
  affine
};

inline constexpr std::size_t kActivationKinds = static_cast<std::size_t>(ActivationKind::affine) + 1;

/// In the order of the enumeration; the words of the spec.
const std::vector<std::string>& activation_names();
/// How many of alpha and beta an activation has.
std::size_t activation_parameters(ActivationKind kind) noexcept;

struct Activation {
  ActivationKind kind = ActivationKind::identity;
  double alpha = 0, beta = 0;  ///< read where the kind has them

  bool operator==(const Activation&) const = default;
};
/// With ONNX's standard parameters; scaled_sigmoid: 2 s - 1.
Activation standard_activation(ActivationKind kind) noexcept;

/// "tanh", "hard_sigmoid:0.2:0.5": as the spec writes it.
std::string to_text(const Activation& activation);

/// values[j] = activation(values[j]). NaN stays NaN.
template <class T>
void activate(const Activation& activation, T* values, std::size_t n) noexcept;
/// d[j]: in, the gradient on y[j]; out, on what the activation was of.
template <class T>
void activation_gradient(const Activation& activation, const T* y, T* d, std::size_t n) noexcept;

}  // namespace carousel::kernels
