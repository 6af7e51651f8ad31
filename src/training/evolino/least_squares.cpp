#include "training/evolino/least_squares.h"

#include <Eigen/Dense>
#include <algorithm>
#include <limits>

namespace carousel {

namespace {

using Matrix = Eigen::MatrixXd;

template <class T>
Matrix to_matrix(View<const T> view) {
  Matrix result(view.rows(), view.columns());
  for (std::size_t r = 0; r < view.rows(); ++r)
    for (std::size_t c = 0; c < view.columns(); ++c)
      result(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c)) = static_cast<double>(view(r, c));
  return result;
}

/// [H, O]. The singular values of x are those of R, x = Q R, which has few rows.
Matrix solve(const Matrix& x, const Matrix& d, double ridge, double epsilon) {
  const Eigen::HouseholderQR<Matrix> qr(x);
  const Eigen::Index n = std::min(x.rows(), x.cols());
  const Matrix R = qr.matrixQR().topRows(n).triangularView<Eigen::Upper>();
  const Matrix rotated = (qr.householderQ().adjoint() * d).topRows(n);
  const Eigen::JacobiSVD<Matrix> svd(R, Eigen::ComputeThinU | Eigen::ComputeThinV);
  Eigen::VectorXd factors = svd.singularValues();
  const double least = static_cast<double>(std::max(x.rows(), x.cols())) * epsilon * factors.maxCoeff();
  for (double& s : factors) s = s > least ? s / (s * s + ridge) : 0;
  return svd.matrixV() * factors.asDiagonal() * (svd.matrixU().transpose() * rotated);
}

}  // namespace

template <class T>
bool solve_least_squares(View<const T> x, View<const T> d, double ridge, View<T> W, std::span<T> b) {
  Matrix inputs = to_matrix(x), targets = to_matrix(d);
  Eigen::RowVectorXd input_mean = Eigen::RowVectorXd::Zero(inputs.cols());
  Eigen::RowVectorXd target_mean = Eigen::RowVectorXd::Zero(targets.cols());
  if (!b.empty()) {
    input_mean = inputs.colwise().mean(), target_mean = targets.colwise().mean();
    inputs.rowwise() -= input_mean, targets.rowwise() -= target_mean;
  }
  const Matrix solution = solve(inputs, targets, ridge, std::numeric_limits<T>::epsilon());
  const Eigen::RowVectorXd bias = target_mean - input_mean * solution;
  if (!solution.cast<T>().allFinite() || !bias.cast<T>().allFinite()) return false;
  for (std::size_t o = 0; o < W.rows(); ++o)
    for (std::size_t h = 0; h < W.columns(); ++h)
      W(o, h) = static_cast<T>(solution(static_cast<Eigen::Index>(h), static_cast<Eigen::Index>(o)));
  for (std::size_t o = 0; o < b.size(); ++o) b[o] = static_cast<T>(bias(static_cast<Eigen::Index>(o)));
  return true;
}

template bool solve_least_squares(View<const float>, View<const float>, double, View<float>,
                                  std::span<float>);
template bool solve_least_squares(View<const double>, View<const double>, double, View<double>,
                                  std::span<double>);

}  // namespace carousel
