#include "training/evolution/objective.h"

#include <carousel/error.h>

#include "model/network.h"

namespace carousel {

template <class T>
void check_searched(const Network<T>& network) {
  if (network.perturbed())
    throw SettingError(
        "weight_noise, drop_connect: a search over weights judges the weights as they are; leave these "
        "out of the layers, or train by gradients");
}

template void check_searched(const Network<float>&);
template void check_searched(const Network<double>&);

}  // namespace carousel
