// What stands for svm.cpp where LIBSVM is left out.
#include <carousel/error.h>

#include "training/evolino/svm.h"

namespace carousel {

SvmModel train_svm(View<const double>, std::span<const std::size_t>, const SvmOptions&) {
  throw SettingError(
      "readout: this program was built without LIBSVM and trains no support vector machine; build it with "
      "CAROUSEL_WITH_SVM=ON, or take a linear readout");
}

}  // namespace carousel
