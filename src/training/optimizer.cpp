#include "training/optimizer.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
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

/// t^(4/5) by Newton's steps down to it from t: the same bits on any machine.
double four_fifths_power(std::size_t t) {
  const double fourth = power(static_cast<double>(t), 4);
  double root = static_cast<double>(t);
  for (double lower = root;; root = lower) {
    const double square = root * root;
    lower = root - (square * square * root - fourth) / (5 * square * square);
    if (!(lower < root)) return root;
  }
}

/// For a parameter [R, C] with the gradient G, its mean squares are taken to be of rank one, so that it needs
/// R + C numbers and not R C, from  r = b r + (1 - b) sums of the rows of (G^2 + 1e-30),  c the same of
/// columns, b = 1 - t^(-4/5):  U = G / sqrt(r c / sum(r));  W -= rate max(1e-3, rms(W)) U / max(1, rms(U)).
/// Vectors, and matrices of one row or column, have the mean squares of each element in place of r c /
/// sum(r). Shazeer, Stern, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost", ICML 2018,
/// algorithms 4 to 6, with a schedule's rate in place of min(1e-2, 1 / sqrt(t)).
template <class T>
class Adafactor final : public Optimizer<T> {
 public:
  explicit Adafactor(std::span<const Parameter> parameters) {
    std::size_t rows = 0, columns = 0, elements = 0, widest = 0;
    for (const Parameter& p : parameters) {
      const std::size_t size = p.shape.size(), R = p.shape.rank() == 0 ? 1 : p.shape[0];
      if (size == 0) continue;
      const bool factored = R > 1 && size > R;
      parts_.push_back({p.offset, R, size / R, factored, factored ? rows : elements, columns});
      (factored ? rows : elements) += factored ? R : size;
      columns += factored ? size / R : 0;
      widest = std::max(widest, factored ? size / R : 0);
    }
    rows_.assign(rows, 0);
    columns_.assign(columns, 0);
    square_.assign(elements, 0);
    of_columns_.resize(widest);
  }

  void step(std::span<T> weights, std::span<const T> gradient, double rate) override {
    const double fresh = 1 / four_fifths_power(++this->steps);  // 1 - b
    for (const Part& part : parts_) {
      const std::size_t size = part.rows * part.columns;
      const std::span<const T> g = gradient.subspan(part.offset, size);
      const std::span<T> w = weights.subspan(part.offset, size);
      if (part.factored)
        renew_factors(part, g, fresh);
      else
        for (std::size_t i = 0; i < size; ++i) renew(square_[part.first + i], square_of(g[i]), fresh);
      double of_weights = 0, of_update = 0;  // sums of squares
      for (const T v : w) of_weights += static_cast<double>(v) * static_cast<double>(v);
      for_each_update(part, g, [&](std::size_t, double u) { of_update += u * u; });
      const auto root_mean = [&](double sum) { return std::sqrt(sum / static_cast<double>(size)); };
      const double scale = rate * std::max(1e-3, root_mean(of_weights)) / std::max(1.0, root_mean(of_update));
      for_each_update(part, g, [&](std::size_t i, double u) { w[i] -= static_cast<T>(scale * u); });
    }
  }

  std::vector<NamedSpan<T>> state() override {
    return {{"rows", rows_}, {"columns", columns_}, {"square", square_}};
  }

 private:
  struct Part {
    std::size_t offset, rows, columns;
    bool factored;
    std::size_t first;         // in rows_, or in square_ where it is not factored
    std::size_t first_column;  // in columns_
  };

  // More than nothing, so that a gradient of nothing but zeros divides to zero.
  static double square_of(T g) { return static_cast<double>(g) * static_cast<double>(g) + 1e-30; }
  static void renew(T& mean, double value, double fresh) {
    mean = static_cast<T>((1 - fresh) * static_cast<double>(mean) + fresh * value);
  }

  void renew_factors(const Part& part, std::span<const T> g, double fresh) {
    std::ranges::fill(of_columns_, 0.0);
    for (std::size_t i = 0; i < part.rows; ++i) {
      double of_row = 0;
      for (std::size_t j = 0; j < part.columns; ++j) {
        const double square = square_of(g[i * part.columns + j]);
        of_row += square, of_columns_[j] += square;
      }
      renew(rows_[part.first + i], of_row, fresh);
    }
    for (std::size_t j = 0; j < part.columns; ++j)
      renew(columns_[part.first_column + j], of_columns_[j], fresh);
  }

  /// Calls use(element, U there) in the order of the elements. Made twice rather than kept: a number for each
  /// element is what this optimizer is there to save.
  template <class Use>
  void for_each_update(const Part& part, std::span<const T> g, Use&& use) const {
    double whole = 0;
    if (part.factored)
      for (std::size_t i = 0; i < part.rows; ++i) whole += static_cast<double>(rows_[part.first + i]);
    for (std::size_t i = 0, at = 0; i < part.rows; ++i) {
      const double share = part.factored ? static_cast<double>(rows_[part.first + i]) / whole : 0;
      for (std::size_t j = 0; j < part.columns; ++j, ++at) {
        const double square = part.factored ? share * static_cast<double>(columns_[part.first_column + j])
                                            : static_cast<double>(square_[part.first + at]);
        use(at, static_cast<double>(g[at]) / std::sqrt(square));
      }
    }
  }

  std::vector<Part> parts_;
  AlignedVector<T> rows_, columns_, square_;
  std::vector<double> of_columns_;  // sums of squares of the part at hand
};

}  // namespace

template <class T>
std::unique_ptr<Optimizer<T>> make_optimizer(const OptimizerOptions& options, std::size_t size,
                                             std::span<const Parameter> parameters) {
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
  if (name == "adafactor") {
    const Parameter bias{.name = "weights", .shape = {size}};
    return std::make_unique<Adafactor<T>>(parameters.empty() ? std::span(&bias, 1) : parameters);
  }
  const std::array<std::string, 5> known = {"sgd", "rmsprop", "adam", "adamw", "adafactor"};
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

template std::unique_ptr<Optimizer<float>> make_optimizer(const OptimizerOptions&, std::size_t,
                                                          std::span<const Parameter>);
template std::unique_ptr<Optimizer<double>> make_optimizer(const OptimizerOptions&, std::size_t,
                                                           std::span<const Parameter>);
template double clip_by_norm(std::span<float>, double);
template double clip_by_norm(std::span<double>, double);

}  // namespace carousel
