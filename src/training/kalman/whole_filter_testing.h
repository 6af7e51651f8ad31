// What the decoupled filter comes to, with whole matrices.
#pragma once

#include <Eigen/Dense>
#include <vector>

#include "training/kalman/decoupled_filter.h"

namespace carousel {

/// An extended Kalman filter whose covariances between groups are set to 0 after every update.
struct WholeFilter {
  std::vector<WeightGroup> groups;
  Eigen::MatrixXd P;

  Eigen::VectorXd update(const Eigen::MatrixXd& H, const Eigen::VectorXd& error,
                         const DecoupledFilter::Noise& noise) {
    const Eigen::Index m = H.rows(), N = H.cols();
    const Eigen::MatrixXd A =
        (noise.measurement * Eigen::MatrixXd::Identity(m, m) + H * P * H.transpose()).inverse();
    const Eigen::MatrixXd K = P * H.transpose() * A;
    const Eigen::MatrixXd next = P - K * H * P + noise.process * Eigen::MatrixXd::Identity(N, N);
    P.setZero();
    for (const WeightGroup& group : groups)
      for (const std::size_t r : group)
        for (const std::size_t c : group) P(r, c) = next(r, c);
    return K * error;
  }
};

}  // namespace carousel
