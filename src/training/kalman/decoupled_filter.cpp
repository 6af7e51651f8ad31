#include "training/kalman/decoupled_filter.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>

#include "kernels/reductions.h"
#include "layers/work_split.h"

namespace carousel {

namespace {

constexpr std::size_t kMostCovariances = std::size_t{1} << 30;

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

}  // namespace

DecoupledFilter::DecoupledFilter(const std::vector<WeightGroup>& groups, double variance) {
  std::size_t squares = 0;
  for (const WeightGroup& group : groups) {
    const std::size_t n = group.size();
    if (n > kMostCovariances || squares + n * n > kMostCovariances)
      throw SettingError(
          fmt::format("grouping: a group of {} weights brings the covariances beyond {} numbers; expected "
                      "smaller groups, such as unit, or a smaller network",
                      n, kMostCovariances));
    const std::size_t begin = rows_.size();
    for (const std::size_t place : group) {
      rows_.push_back({place, begin, begin + n, squares});
      squares += n;
    }
  }
  covariances_.assign(squares, 0);
  for (std::size_t k = 0; k < rows_.size(); ++k) covariances_[rows_[k].row + k - rows_[k].begin] = variance;
}

void DecoupledFilter::see(ThreadPool& pool, View<const double> derivatives) {
  const std::size_t m = derivatives.rows(), N = rows_.size();
  derivatives_.resize(m * N);
  seen_.resize(m * N);
  for (std::size_t j = 0; j < m; ++j)
    for (std::size_t k = 0; k < N; ++k) derivatives_[j * N + k] = derivatives(j, rows_[k].place);
  split_work(pool, N, work(m), [&](std::size_t begin, std::size_t end) {
    for (std::size_t k = begin; k < end; ++k) {
      const Row& of = rows_[k];
      for (std::size_t j = 0; j < m; ++j)
        seen_[j * N + k] = kernels::dot(covariances_.data() + of.row, derivatives_.data() + j * N + of.begin,
                                        of.end - of.begin);
    }
  });
}

void DecoupledFilter::solve(std::size_t m, double measurement_noise) {
  const std::size_t N = rows_.size();
  Rows inverse(m, m);  // of A
  for (std::size_t j = 0; j < m; ++j)
    for (std::size_t i = 0; i <= j; ++i)
      inverse(j, i) = kernels::dot(derivatives_.data() + j * N, seen_.data() + i * N, N) +
                      (i == j ? measurement_noise : 0.0);
  const Eigen::LLT<Rows> factor(inverse);
  if (factor.info() != Eigen::Success)
    throw TrainingError(
        "the covariance of the outputs is no longer positive; try more measurement_noise or process_noise");
  Eigen::Map<Rows> seen(seen_.data(), m, N);
  factor.matrixL().solveInPlace(seen);
  Eigen::Map<Eigen::VectorXd> error(error_.data(), m);
  factor.matrixL().solveInPlace(error);
}

void DecoupledFilter::update(ThreadPool& pool, View<const double> derivatives, std::span<const double> error,
                             const Noise& noise, std::span<double> change) {
  const std::size_t m = derivatives.rows(), N = rows_.size();
  see(pool, derivatives);
  error_.assign(error.begin(), error.end());
  solve(m, noise.measurement);
  split_work(pool, N, work(m), [&](std::size_t begin, std::size_t end) {
    for (std::size_t k = begin; k < end; ++k) {
      const Row& of = rows_[k];
      double* const row = covariances_.data() + of.row;
      double sum = 0;
      for (std::size_t j = 0; j < m; ++j) {
        const double* const S = seen_.data() + j * N;
        sum += S[k] * error_[j];
        for (std::size_t c = of.begin; c < of.end; ++c) row[c - of.begin] -= S[k] * S[c];
      }
      row[k - of.begin] += noise.process;
      change[of.place] = sum;
    }
  });
}

}  // namespace carousel
