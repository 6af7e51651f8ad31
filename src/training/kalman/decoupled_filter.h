// The arithmetic of the decoupled extended Kalman filter: weights w as the state of a system that stands
// still but for noise, outputs as what is measured of it.
//
// For groups i of weights with covariances P_i, derivatives H_i [m, n_i] of the m outputs on the group's
// weights, and the error e = target - output:
//
//     A = (R I + sum_i H_i P_i H_i^T)^-1
//     K_i = P_i H_i^T A
//     w_i += K_i e                 P_i += Q I - K_i H_i P_i
//
// Puskorius & Feldkamp, "Neurocontrol of nonlinear dynamical systems with Kalman filter trained recurrent
// networks", IEEE Transactions on Neural Networks 5, 1994, eq. 13 to 16; one group is the extended Kalman
// filter itself. Computed with the Cholesky factor L of A^-1: with S_i = L^-1 H_i P_i what is subtracted is
// S_i^T S_i, symmetric to the bit.
#pragma once

#include <span>
#include <vector>

#include "base/aligned.h"
#include "base/thread_pool.h"
#include "tensor/view.h"
#include "training/weight_groups.h"

namespace carousel {

class DecoupledFilter {
 public:
  /// Covariances begin as variance times the identity. Throws SettingError, naming the option `grouping`, for
  /// groups whose covariances are more than 2^30 numbers.
  DecoupledFilter(const std::vector<WeightGroup>& groups, double variance);

  struct Noise {
    double measurement;  ///< R, above 0
    double process;      ///< Q, at least 0
  };
  /// One update. derivatives H [m, weights], error [m] -> change [weights] of each weight. Throws
  /// TrainingError where A is not positive definite.
  void update(ThreadPool& pool, View<const double> derivatives, std::span<const double> error,
              const Noise& noise, std::span<double> change);

  /// P of each group, row by row, one after the other: all that it remembers.
  std::span<const double> covariances() const noexcept { return covariances_; }
  std::span<double> covariances() noexcept { return covariances_; }

 private:
  /// What belongs to one weight. Weights are numbered group by group here.
  struct Row {
    std::size_t place;       // in the weight vector
    std::size_t begin, end;  // the weights of its group
    std::size_t row;         // where its row of the group's P begins
  };
  /// Derivatives of the m outputs in the filter's order, and P times them.
  void see(ThreadPool& pool, View<const double> derivatives);
  /// L, S and L^-1 e.
  void solve(std::size_t m, double measurement_noise);
  /// Multiply-adds of a pass over all P for m outputs.
  std::size_t work(std::size_t m) const noexcept { return covariances_.size() * m; }

  std::vector<Row> rows_;
  AlignedVector<double> covariances_;
  AlignedVector<double> derivatives_, seen_;  // [m, weights]: H; P H^T, then S
  std::vector<double> error_;                 // e, then L^-1 e
};

}  // namespace carousel
