// Whoever is given a View<const T> can read only.
#include "tensor/view.h"

float use(carousel::View<const float> view) {
#ifdef MISUSE
  view(0, 0) = 1.0F;
#endif
  return view(0, 0);
}
