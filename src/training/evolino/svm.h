// Support vector machines, trained by LIBSVM (Chang & Lin 2011): a readout of maximal margin, as in
// Schmidhuber, Gagliolo, Wierstra & Gomez, "Evolino for Recurrent Support Vector Machines", ESANN 2006.
#pragma once

#include <cstddef>
#include <span>

#include "tensor/view.h"
#include "training/evolino/svm_model.h"

namespace carousel {

struct SvmOptions {
  SvmKernel kernel = SvmKernel::rbf;
  double cost = 1;   ///< C, of what lies on the wrong side of a margin; above 0
  double gamma = 0;  ///< of rbf, at least 0; 0: 1 / features
};

/// x [rows, F], finite; classes: of each row, below 2^31, at least two different ones. The same rows give the
/// same model. Throws SettingError for options out of range, and in a program built without
/// CAROUSEL_WITH_SVM; Error for rows that nothing can be learned from.
SvmModel train_svm(View<const double> x, std::span<const std::size_t> classes, const SvmOptions& options);

}  // namespace carousel
