// A view of const numbers cannot become one of mutable numbers; the other way round is free.
#include "tensor/view.h"

#ifdef MISUSE
carousel::View<double> turn(carousel::View<const double> view) { return view; }
#else
carousel::View<const double> turn(carousel::View<double> view) { return view; }
#endif
