// The readout against the same thing computed by other ways: normal equations, QR, a complete orthogonal
// decomposition.
#include "training/evolino/least_squares.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <limits>
#include <vector>

#include "base/aligned.h"
#include "kernels/normal.h"

namespace carousel {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Matrix some(Eigen::Index rows, Eigen::Index columns, std::uint64_t seed) {
  Matrix result(rows, columns);
  kernels::fill_normal(Random(seed, 0), 0, result.data(), static_cast<std::size_t>(result.size()));
  return result;
}

View<const double> view(const Matrix& m) {
  return {m.data(), static_cast<std::size_t>(m.rows()), static_cast<std::size_t>(m.cols())};
}

struct Solution {
  Matrix W;           // [O, H]
  Eigen::VectorXd b;  // [O], or empty
};

Solution solve(const Matrix& x, const Matrix& d, double ridge, bool bias) {
  Solution s{Matrix(d.cols(), x.cols()), Eigen::VectorXd(bias ? d.cols() : 0)};
  const View<double> W(s.W.data(), static_cast<std::size_t>(d.cols()), static_cast<std::size_t>(x.cols()));
  EXPECT_TRUE(solve_least_squares(view(x), view(d), ridge, W,
                                  std::span<double>(s.b.data(), static_cast<std::size_t>(s.b.size()))));
  return s;
}

Matrix with_ones(const Matrix& x) {
  Matrix result(x.rows(), x.cols() + 1);
  result << x, Matrix::Ones(x.rows(), 1);
  return result;
}

TEST(LeastSquares, WithoutPenaltyIsWhatQrFinds) {
  const Matrix x = some(300, 11, 1), d = some(300, 3, 2);
  const Matrix expected = x.colPivHouseholderQr().solve(d).transpose();
  EXPECT_LT((solve(x, d, 0, false).W - expected).cwiseAbs().maxCoeff(), 1e-9);

  const Matrix both = with_ones(x).colPivHouseholderQr().solve(d).transpose();
  const Solution found = solve(x, d, 0, true);
  EXPECT_LT((found.W - both.leftCols(11)).cwiseAbs().maxCoeff(), 1e-9);
  EXPECT_LT((found.b - both.rightCols(1)).cwiseAbs().maxCoeff(), 1e-9);
}

TEST(LeastSquares, WithPenaltyIsWhatTheNormalEquationsSay) {
  const Matrix x = some(200, 8, 3), d = some(200, 2, 4);
  for (const double ridge : {1e-3, 1.0, 50.0}) {
    Matrix normal = x.transpose() * x + ridge * Matrix::Identity(8, 8);
    const Matrix expected = normal.ldlt().solve(x.transpose() * d).transpose();
    EXPECT_LT((solve(x, d, ridge, false).W - expected).cwiseAbs().maxCoeff(), 1e-9);

    const Matrix x1 = with_ones(x);
    normal = x1.transpose() * x1;
    normal.topLeftCorner(8, 8) += ridge * Matrix::Identity(8, 8);  // none on the bias
    const Matrix both = normal.ldlt().solve(x1.transpose() * d).transpose();
    const Solution found = solve(x, d, ridge, true);
    EXPECT_LT((found.W - both.leftCols(8)).cwiseAbs().maxCoeff(), 1e-9);
    EXPECT_LT((found.b - both.rightCols(1)).cwiseAbs().maxCoeff(), 1e-9);
  }
}

TEST(LeastSquares, OfManySolutionsTakesTheSmallest) {
  Matrix x = some(40, 6, 5);
  x.col(4) = x.col(0) - 2 * x.col(1);
  x.col(5).setZero();
  const Matrix d = some(40, 2, 6);
  const Matrix expected = x.completeOrthogonalDecomposition().solve(d).transpose();
  EXPECT_LT((solve(x, d, 0, false).W - expected).cwiseAbs().maxCoeff(), 1e-9);
  // Fewer rows than unknowns: all targets are met.
  const Matrix few = some(3, 6, 7), targets = some(3, 1, 8);
  const Solution found = solve(few, targets, 0, true);
  EXPECT_LT((few * found.W.transpose() - targets + Matrix::Constant(3, 1, found.b(0))).cwiseAbs().maxCoeff(),
            1e-9);
  const Matrix dead = Matrix::Zero(5, 2);
  EXPECT_EQ(solve(dead, some(5, 1, 9), 0, false).W.norm(), 0);
}

// Numbers that differ by less than float's rounding are no second direction.
TEST(LeastSquares, FloatsHaveFloatsRank) {
  const Matrix x = some(50, 1, 10);
  AlignedVector<float> inputs, targets;
  for (Eigen::Index r = 0; r < 50; ++r) {
    const float v = static_cast<float>(x(r, 0));
    inputs.push_back(v);
    inputs.push_back(v * (1 + (r % 2 == 0 ? 1e-7F : 0)));
    targets.push_back(2 * v);
  }
  float W[2];
  ASSERT_TRUE(solve_least_squares<float>({inputs.data(), 50, 2}, {targets.data(), 50, 1}, 0, {W, 1, 2}, {}));
  EXPECT_NEAR(W[0], 1, 1e-5);
  EXPECT_NEAR(W[1], 1, 1e-5);
}

TEST(LeastSquares, WhatWouldOverflowIsLeftAlone) {
  const float x[] = {1e-30F, 2e-30F}, d[] = {3e20F, 1e20F};
  float W = 7;
  EXPECT_FALSE(solve_least_squares<float>({x, 2, 1}, {d, 2, 1}, 0, {&W, 1, 1}, {}));
  EXPECT_EQ(W, 7);
}

}  // namespace
}  // namespace carousel
