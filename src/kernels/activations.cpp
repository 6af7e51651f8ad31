#include "kernels/activations.h"

#include "kernels/dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/activations.cpp"
#include "hwy/foreach_target.h"
#include "kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

template <class T, Vector<T> function(Vector<T>)>
struct Map {
  const T* in;
  T* out;
  HWY_INLINE void run(Piece<T> piece) const { piece.store(function(piece.load(in)), out); }
};

template <class T>
void map_exp(const T* in, T* out, std::size_t n) {
  for_each_piece<T>(n, Map<T, lane_exp<T>>{in, out});
}
template <class T>
void map_log(const T* in, T* out, std::size_t n) {
  for_each_piece<T>(n, Map<T, lane_log<T>>{in, out});
}
template <class T>
void map_tanh(const T* in, T* out, std::size_t n) {
  for_each_piece<T>(n, Map<T, lane_tanh<T>>{in, out});
}
template <class T>
void map_sigmoid(const T* in, T* out, std::size_t n) {
  for_each_piece<T>(n, Map<T, lane_sigmoid<T>>{in, out});
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace carousel::kernels {

CAROUSEL_KERNEL_TABLE(kExp, map_exp);
CAROUSEL_KERNEL_TABLE(kLog, map_log);
CAROUSEL_KERNEL_TABLE(kTanh, map_tanh);
CAROUSEL_KERNEL_TABLE(kSigmoid, map_sigmoid);

template <class T>
void exp(const T* in, T* out, std::size_t n) noexcept {
  kExp<T>[target_index()](in, out, n);
}
template <class T>
void log(const T* in, T* out, std::size_t n) noexcept {
  kLog<T>[target_index()](in, out, n);
}
template <class T>
void tanh(const T* in, T* out, std::size_t n) noexcept {
  kTanh<T>[target_index()](in, out, n);
}
template <class T>
void sigmoid(const T* in, T* out, std::size_t n) noexcept {
  kSigmoid<T>[target_index()](in, out, n);
}

template void exp(const float*, float*, std::size_t) noexcept;
template void exp(const double*, double*, std::size_t) noexcept;
template void log(const float*, float*, std::size_t) noexcept;
template void log(const double*, double*, std::size_t) noexcept;
template void tanh(const float*, float*, std::size_t) noexcept;
template void tanh(const double*, double*, std::size_t) noexcept;
template void sigmoid(const float*, float*, std::size_t) noexcept;
template void sigmoid(const double*, double*, std::size_t) noexcept;

}  // namespace carousel::kernels
#endif
