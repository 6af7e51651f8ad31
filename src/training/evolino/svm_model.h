// A trained support vector machine that tells classes apart: what it says, and its text in a model file.
// How it is trained: svm.h.
//
// Features are measured from their means in their own deviations, z = (x - mean) factor. Each pair i < j of
// classes has a decision
//
//     d_ij(x) = sum over vectors v of i, coefficients[j - 1][v] k(v, z)
//             + sum over vectors v of j, coefficients[i][v] k(v, z)  -  offsets[ij],
//
// above 0 for i; the class is the one that most pairs say, of equals the first (Knerr, Personnaz & Dreyfus
// 1990; the layout is LIBSVM's: Chang & Lin, "LIBSVM: A Library for Support Vector Machines", 2011).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carousel {

/// k(v, z): v z; exp(-gamma |v - z|^2).
enum class SvmKernel { linear, rbf };
/// "linear", "rbf"
const std::vector<std::string>& svm_kernel_names();

struct SvmModel {
  SvmKernel kernel = SvmKernel::linear;
  double gamma = 0;                  ///< of rbf
  std::vector<double> mean, factor;  ///< [F]
  std::vector<std::size_t> classes;  ///< K, at least 2
  std::vector<std::size_t> counts;   ///< support vectors of each class, N in all
  std::vector<double> vectors;       ///< [N, F], class by class
  std::vector<double> coefficients;  ///< [K - 1, N]
  std::vector<double> offsets;       ///< [K (K - 1) / 2]: 01, 02, ..., 12, ...

  std::size_t features() const noexcept { return mean.size(); }
  bool operator==(const SvmModel&) const = default;
};

/// Decisions of all pairs, in the order of the offsets; and the class. x: [F].
std::vector<double> svm_decisions(const SvmModel& model, std::span<const double> x);
std::size_t svm_class(const SvmModel& model, std::span<const double> x);

/// JSON with the members' names, for the metadata of a model file; numbers read back to the same doubles.
std::string to_text(const SvmModel& model);
/// Throws ModelError saying what is missing, or found where something else belongs.
SvmModel svm_model_from(std::string_view text);

}  // namespace carousel
