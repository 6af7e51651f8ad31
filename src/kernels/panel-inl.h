// How wide a panel of a packed matrix is on each target.
#if defined(CAROUSEL_KERNELS_PANEL_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CAROUSEL_KERNELS_PANEL_INL_H
#undef CAROUSEL_KERNELS_PANEL_INL_H
#else
#define CAROUSEL_KERNELS_PANEL_INL_H
#endif

#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

// A tile of kTileRows x one panel fills the registers: 24 sums of 32 registers, or 12 of 16. The fallback,
// whose sums are numbers, has more use for short code.
constexpr std::size_t kTileRows = HWY_TARGET == HWY_SCALAR ? 2 : 6;
#if HWY_TARGET == HWY_AVX2
constexpr std::size_t kPanelVectors = 2;
#else
constexpr std::size_t kPanelVectors = 4;
#endif

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#endif
