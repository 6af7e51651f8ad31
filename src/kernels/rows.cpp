#include "kernels/rows.h"

#include "kernels/dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/rows.cpp"
#include "hwy/foreach_target.h"
#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

template <class T>
struct Copy {
  Rows<const T> from;
  Rows<T> to;

  HWY_INLINE void run(std::size_t r, const Piece<T>& at) const { at.store(at.load(from.row(r)), to.row(r)); }
};

template <class T>
struct Add {
  Rows<const T> from;
  Rows<T> to;

  HWY_INLINE void run(std::size_t r, const Piece<T>& at) const {
    at.store(canonical<T>(hn::Add(at.load(to.row(r)), at.load(from.row(r)))), to.row(r));
  }
};

template <class T>
void copy(std::size_t rows, std::size_t n, Rows<const T> from, Rows<T> to) {
  for_pieces_of_rows<T>(0, rows, 0, n, Copy<T>{from, to});
}
template <class T>
void add(std::size_t rows, std::size_t n, Rows<const T> from, Rows<T> to) {
  for_pieces_of_rows<T>(0, rows, 0, n, Add<T>{from, to});
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace carousel::kernels {

CAROUSEL_KERNEL_TABLE(kCopy, copy);
CAROUSEL_KERNEL_TABLE(kAdd, add);

template <class T>
void copy_rows(std::size_t rows, std::size_t n, Rows<const T> from, Rows<T> to) noexcept {
  kCopy<T>[target_index()](rows, n, from, to);
}
template <class T>
void add_rows(std::size_t rows, std::size_t n, Rows<const T> from, Rows<T> to) noexcept {
  kAdd<T>[target_index()](rows, n, from, to);
}

template void copy_rows(std::size_t, std::size_t, Rows<const float>, Rows<float>) noexcept;
template void copy_rows(std::size_t, std::size_t, Rows<const double>, Rows<double>) noexcept;
template void add_rows(std::size_t, std::size_t, Rows<const float>, Rows<float>) noexcept;
template void add_rows(std::size_t, std::size_t, Rows<const double>, Rows<double>) noexcept;

}  // namespace carousel::kernels
#endif
