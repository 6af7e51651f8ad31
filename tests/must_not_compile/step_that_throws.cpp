// A layer's step runs on a real-time thread: one that may throw is no layer.
#include "layers/layer.h"

struct SomeLayer : carousel::Layer<float> {
  using View = carousel::View<float>;
#ifdef MISUSE
  void step(carousel::View<const float> x, View state, View y, float* scratch) const override;
#else
  void step(carousel::View<const float> x, View state, View y, float* scratch) const noexcept override;
#endif
};
