#include "training/optimizer.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <array>
#include <cmath>

#include "base/aligned.h"
#include "base/suggest.h"
#include "kernels/reductions.h"

namespace carousel {

namespace {

/// base^exponent by squaring: libm's pow may differ between machines in the last bit.
double power(double base, std::size_t exponent) {
  double result = 1;
  for (; exponent != 0; exponent /= 2, base *= base)
    if (exponent % 2 == 1) result *= base;
  return result;
}

void require(bool holds, const char* name, double value, const char* expected) {
  if (!holds) throw SettingError(fmt::format("optimizer: {} must be {}, got {}", name, expected, value));
}

void require_fraction(const char* name, double value) {
  require(value >= 0 && value < 1, name, value, "in [0, 1)");
}

/// v = momentum v + g;  w -= rate v, or with Nesterov's look ahead  w -= rate (g + momentum v).
/// Sutskever, Martens, Dahl, Hinton, "On the importance of initialization and momentum in deep learning",
/// ICML 2013.
template <class T>
class Sgd final : public Optimizer<T> {
 public:
  Sgd(const OptimizerOptions& options, std::size_t size)
      : momentum_(static_cast<T>(options.momentum)),
        nesterov_(options.nesterov),
        velocity_(options.momentum == 0 ? 0 : size, T(0)) {}

  void step(std::span<T> weights, std::span<const T> gradient, double rate) override {
    const T r = static_cast<T>(rate);
    ++this->steps;
    if (velocity_.empty()) {
      for (std::size_t i = 0; i < weights.size(); ++i) weights[i] -= r * gradient[i];
      return;
    }
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const T g = gradient[i];
      const T v = momentum_ * velocity_[i] + g;
      velocity_[i] = v;
      weights[i] -= r * (nesterov_ ? g + momentum_ * v : v);
    }
  }

  std::vector<NamedSpan<T>> state() override { return {{"velocity", velocity_}}; }

 private:
  T momentum_;
  bool nesterov_;
  AlignedVector<T> velocity_;
};

/// s = alpha s + (1 - alpha) g^2;  u = g / (sqrt(s) + epsilon);  w -= rate u, or with momentum  v = momentum
/// v + u, w -= rate v. Tieleman, Hinton, "Neural Networks for Machine Learning", lecture 6.5, 2012.
template <class T>
class RmsProp final : public Optimizer<T> {
 public:
  RmsProp(const OptimizerOptions& options, std::size_t size)
      : alpha_(static_cast<T>(options.alpha)),
        rest_(static_cast<T>(1 - options.alpha)),
        epsilon_(static_cast<T>(options.epsilon)),
        momentum_(static_cast<T>(options.momentum)),
        square_(size, T(0)),
        velocity_(options.momentum == 0 ? 0 : size, T(0)) {}

  void step(std::span<T> weights, std::span<const T> gradient, double rate) override {
    const T r = static_cast<T>(rate);
    ++this->steps;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const T g = gradient[i];
      square_[i] = alpha_ * square_[i] + rest_ * (g * g);
      T u = g / (std::sqrt(square_[i]) + epsilon_);
      if (!velocity_.empty()) u = velocity_[i] = momentum_ * velocity_[i] + u;
      weights[i] -= r * u;
    }
  }

  std::vector<NamedSpan<T>> state() override { return {{"square", square_}, {"velocity", velocity_}}; }

 private:
  T alpha_, rest_, epsilon_, momentum_;
  AlignedVector<T> square_, velocity_;
};

/// m = beta1 m + (1 - beta1) g;  s = beta2 s + (1 - beta2) g^2;
/// w -= rate / (1 - beta1^t) m / (sqrt(s / (1 - beta2^t)) + epsilon)
/// Kingma, Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015. With decay, first  w *= 1 - rate
/// decay: Loshchilov, Hutter, "Decoupled Weight Decay Regularization", ICLR 2019.
template <class T>
class Adam final : public Optimizer<T> {
 public:
  Adam(const OptimizerOptions& options, std::size_t size)
      : options_(options), mean_(size, T(0)), square_(size, T(0)) {}

  void step(std::span<T> weights, std::span<const T> gradient, double rate) override {
    const std::size_t t = ++this->steps;
    const T keep_mean = static_cast<T>(options_.beta1), new_mean = static_cast<T>(1 - options_.beta1);
    const T keep_square = static_cast<T>(options_.beta2), new_square = static_cast<T>(1 - options_.beta2);
    const T size = static_cast<T>(rate / (1 - power(options_.beta1, t)));
    const T root = static_cast<T>(std::sqrt(1 - power(options_.beta2, t)));
    const T epsilon = static_cast<T>(options_.epsilon);
    const T shrink = static_cast<T>(1 - rate * options_.weight_decay);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const T g = gradient[i];
      const T m = keep_mean * mean_[i] + new_mean * g;
      const T s = keep_square * square_[i] + new_square * (g * g);
      mean_[i] = m;
      square_[i] = s;
      weights[i] = weights[i] * shrink - size * (m / (std::sqrt(s) / root + epsilon));
    }
  }

  std::vector<NamedSpan<T>> state() override { return {{"mean", mean_}, {"square", square_}}; }

 private:
  OptimizerOptions options_;
  AlignedVector<T> mean_, square_;
};

}  // namespace

template <class T>
std::unique_ptr<Optimizer<T>> make_optimizer(const OptimizerOptions& options, std::size_t size) {
  require_fraction("momentum", options.momentum);
  require_fraction("alpha", options.alpha);
  require_fraction("beta1", options.beta1);
  require_fraction("beta2", options.beta2);
  require(options.epsilon > 0 && std::isfinite(options.epsilon), "epsilon", options.epsilon, "above 0");
  require(options.weight_decay >= 0 && std::isfinite(options.weight_decay), "weight_decay",
          options.weight_decay, "at least 0");
  const std::string& name = options.name;
  if (options.weight_decay > 0 && name != "adamw")
    throw SettingError(fmt::format("optimizer {} has no weight_decay; adamw has", name));
  if (options.momentum > 0 && name != "sgd" && name != "rmsprop")
    throw SettingError(fmt::format("optimizer {} has no momentum setting; sgd and rmsprop have", name));
  if (options.nesterov && (name != "sgd" || options.momentum == 0))
    throw SettingError("optimizer: nesterov needs sgd with momentum above 0");
  if (name == "sgd") return std::make_unique<Sgd<T>>(options, size);
  if (name == "rmsprop") return std::make_unique<RmsProp<T>>(options, size);
  if (name == "adam" || name == "adamw") return std::make_unique<Adam<T>>(options, size);
  const std::array<std::string, 4> known = {"sgd", "rmsprop", "adam", "adamw"};
  throw SettingError(fmt::format("optimizer '{}' is not known; {}", name, suggestion(name, known)));
}

template <class T>
double clip_by_norm(std::span<T> gradient, double limit) {
  double norm = std::sqrt(static_cast<double>(kernels::sum_of_squares(gradient.data(), gradient.size())));
  if (!std::isfinite(norm)) {  // the squares of finite numbers can be too large for T
    double sum = 0;
    for (const T g : gradient) sum += static_cast<double>(g) * static_cast<double>(g);
    norm = std::sqrt(sum);
  }
  if (limit > 0 && norm > limit && std::isfinite(norm)) {
    const T scale = static_cast<T>(limit / norm);
    for (T& g : gradient) g *= scale;
  }
  return norm;
}

template std::unique_ptr<Optimizer<float>> make_optimizer(const OptimizerOptions&, std::size_t);
template std::unique_ptr<Optimizer<double>> make_optimizer(const OptimizerOptions&, std::size_t);
template double clip_by_norm(std::span<float>, double);
template double clip_by_norm(std::span<double>, double);

}  // namespace carousel
