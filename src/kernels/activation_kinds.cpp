#include "kernels/activation_kinds.h"

#include <array>
#include <charconv>
#include <utility>

#include "kernels/dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/activation_kinds.cpp"
#include "hwy/foreach_target.h"
#include "kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

/// y where it is above 0, else low; a NaN is above nothing, so low must be made of y.
template <class T>
HWY_INLINE Vector<T> where_positive(Vector<T> y, Vector<T> above, Vector<T> low) {
  return hn::IfThenElse(hn::Gt(y, hn::Zero(Tag<T>())), above, low);
}

template <class T>
struct Parameters {
  Vector<T> alpha, beta, one;
  explicit HWY_INLINE Parameters(const Activation& a)
      : alpha(hn::Set(Tag<T>(), static_cast<T>(a.alpha))),
        beta(hn::Set(Tag<T>(), static_cast<T>(a.beta))),
        one(hn::Set(Tag<T>(), T{1})) {}
};

template <class T, ActivationKind kKind>
struct Value {
  const Parameters<T>& p;

  HWY_INLINE Vector<T> operator()(Vector<T> x) const {
    using enum ActivationKind;
    const Tag<T> d;
    if constexpr (kKind == sigmoid) return lane_sigmoid<T>(x);
    if constexpr (kKind == tanh) return lane_tanh<T>(x);
    if constexpr (kKind == relu) return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Zero(d), x);
    if constexpr (kKind == leaky_relu) return where_positive<T>(x, x, hn::Mul(p.alpha, x));
    if constexpr (kKind == thresholded_relu) return hn::IfThenElse(hn::Le(x, p.alpha), hn::Zero(d), x);
    if constexpr (kKind == elu)
      return where_positive<T>(x, x, hn::Mul(p.alpha, hn::Sub(lane_exp<T>(x), p.one)));
    if constexpr (kKind == hard_sigmoid) {
      const auto y = mul_add(p.alpha, x, p.beta);
      const auto above = hn::IfThenElse(hn::Lt(y, hn::Zero(d)), hn::Zero(d), y);
      return hn::IfThenElse(hn::Gt(above, p.one), p.one, above);
    }
    if constexpr (kKind == softsign) return hn::Div(x, hn::Add(p.one, hn::Abs(x)));
    if constexpr (kKind == softplus) {
      const auto above = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Zero(d), x);
      return hn::Add(above, lane_log<T>(hn::Add(p.one, lane_exp<T>(hn::Neg(hn::Abs(x))))));
    }
    if constexpr (kKind == scaled_tanh) return hn::Mul(p.alpha, lane_tanh<T>(hn::Mul(p.beta, x)));
    if constexpr (kKind == scaled_sigmoid) return mul_add(p.alpha, lane_sigmoid<T>(x), p.beta);
    if constexpr (kKind == affine) return mul_add(p.alpha, x, p.beta);
    return x;
  }
};

template <class T, ActivationKind kKind>
struct Slope {
  const Parameters<T>& p;

  HWY_INLINE Vector<T> operator()(Vector<T> y) const {
    using enum ActivationKind;
    const auto zero = hn::Zero(Tag<T>());
    if constexpr (kKind == sigmoid) return sigmoid_slope(y);
    if constexpr (kKind == tanh) return tanh_slope<T>(y);
    if constexpr (kKind == relu || kKind == thresholded_relu) return where_positive<T>(y, p.one, zero);
    if constexpr (kKind == leaky_relu) return where_positive<T>(y, p.one, p.alpha);
    if constexpr (kKind == elu) return where_positive<T>(y, p.one, hn::Add(y, p.alpha));
    if constexpr (kKind == hard_sigmoid)
      return hn::IfThenElseZero(hn::And(hn::Gt(y, zero), hn::Lt(y, p.one)), p.alpha);
    if constexpr (kKind == softsign) {
      const auto root = hn::Sub(p.one, hn::Abs(y));
      return hn::Mul(root, root);
    }
    if constexpr (kKind == softplus) return hn::Sub(p.one, lane_exp<T>(hn::Neg(y)));
    if constexpr (kKind == scaled_tanh) return hn::Mul(p.beta, neg_mul_add(y, hn::Div(y, p.alpha), p.alpha));
    if constexpr (kKind == scaled_sigmoid)
      return hn::Mul(p.alpha, sigmoid_slope(hn::Div(hn::Sub(y, p.beta), p.alpha)));
    if constexpr (kKind == affine) return p.alpha;
    return p.one;
  }
};

template <class T, ActivationKind kKind>
struct ActivateRow {
  const Parameters<T>& p;
  T* values;
  HWY_INLINE void run(Piece<T> at) const {
    at.store(canonical<T>(Value<T, kKind>{p}(at.load(values))), values);
  }
};
template <class T, ActivationKind kKind>
struct GradientRow {
  const Parameters<T>& p;
  const T* y;
  T* d;
  HWY_INLINE void run(Piece<T> at) const {
    at.store(canonical<T>(hn::Mul(at.load(d), Slope<T, kKind>{p}(at.load(y)))), d);
  }
};

template <class T, ActivationKind kKind>
HWY_NOINLINE void activate_kind(const Activation& activation, T* values, std::size_t n) {
  const Parameters<T> p(activation);
  for_each_piece<T>(n, ActivateRow<T, kKind>{p, values});
}
template <class T, ActivationKind kKind>
HWY_NOINLINE void gradient_kind(const Activation& activation, const T* y, T* d, std::size_t n) {
  const Parameters<T> p(activation);
  for_each_piece<T>(n, GradientRow<T, kKind>{p, y, d});
}

// Tables in the order of the enumeration.
template <class T, std::size_t... kKinds>
constexpr auto activate_rows(std::index_sequence<kKinds...>) {
  return std::array{&activate_kind<T, static_cast<ActivationKind>(kKinds)>...};
}
template <class T, std::size_t... kKinds>
constexpr auto gradient_rows(std::index_sequence<kKinds...>) {
  return std::array{&gradient_kind<T, static_cast<ActivationKind>(kKinds)>...};
}

template <class T>
void activate_row(const Activation& activation, T* values, std::size_t n) {
  static constexpr auto rows = activate_rows<T>(std::make_index_sequence<kActivationKinds>());
  rows[static_cast<std::size_t>(activation.kind)](activation, values, n);
}
template <class T>
void gradient_row(const Activation& activation, const T* y, T* d, std::size_t n) {
  static constexpr auto rows = gradient_rows<T>(std::make_index_sequence<kActivationKinds>());
  rows[static_cast<std::size_t>(activation.kind)](activation, y, d, n);
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace carousel::kernels {

CAROUSEL_KERNEL_TABLE(kActivate, activate_row);
CAROUSEL_KERNEL_TABLE(kGradient, gradient_row);

const std::vector<std::string>& activation_names() {
  static const std::vector<std::string> names = {
      "identity", "sigmoid",      "tanh",     "relu",     "leaky_relu",  "thresholded_relu",
      "elu",      "hard_sigmoid", "softsign", "softplus", "scaled_tanh", "scaled_sigmoid",
      "affine"};
  return names;
}

std::size_t activation_parameters(ActivationKind kind) noexcept {
  using enum ActivationKind;
  switch (kind) {
    case leaky_relu:
    case thresholded_relu:
    case elu:
      return 1;
    case hard_sigmoid:
    case scaled_tanh:
    case scaled_sigmoid:
    case affine:
      return 2;
    default:
      return 0;
  }
}

Activation standard_activation(ActivationKind kind) noexcept {
  using enum ActivationKind;
  switch (kind) {
    case leaky_relu:
      return {kind, 0.01};
    case thresholded_relu:
    case elu:
      return {kind, 1.0};
    case hard_sigmoid:
      return {kind, 0.2, 0.5};
    case scaled_tanh:
      return {kind, 1.0, 1.0};
    case scaled_sigmoid:
      return {kind, 2.0, -1.0};
    case affine:
      return {kind, 1.0, 0.0};
    default:
      return {kind};
  }
}

std::string to_text(const Activation& activation) {
  std::string text = activation_names()[static_cast<std::size_t>(activation.kind)];
  const double parameters[] = {activation.alpha, activation.beta};
  for (std::size_t i = 0; i < activation_parameters(activation.kind); ++i) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof(digits), parameters[i]).ptr;
    text.append(":").append(digits, end);
  }
  return text;
}

template <class T>
void activate(const Activation& activation, T* values, std::size_t n) noexcept {
  if (activation.kind != ActivationKind::identity) kActivate<T>[target_index()](activation, values, n);
}
template <class T>
void activation_gradient(const Activation& activation, const T* y, T* d, std::size_t n) noexcept {
  if (activation.kind != ActivationKind::identity) kGradient<T>[target_index()](activation, y, d, n);
}

template void activate(const Activation&, float*, std::size_t) noexcept;
template void activate(const Activation&, double*, std::size_t) noexcept;
template void activation_gradient(const Activation&, const float*, float*, std::size_t) noexcept;
template void activation_gradient(const Activation&, const double*, double*, std::size_t) noexcept;

}  // namespace carousel::kernels
#endif
