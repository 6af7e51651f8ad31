// The filter's arithmetic against the formulas with whole matrices.
#include "training/kalman/decoupled_filter.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "training/kalman/whole_filter_testing.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(DecoupledFilter, OfOneWeightIsTheScalarFormula) {
  DecoupledFilter filter({{0}}, 4);
  ThreadPool pool(1);
  double P = 4;
  for (const double h : {0.5, -2.0, 3.0}) {
    const double error = 0.7;
    double change = 0;
    filter.update(pool, {&h, 1, 1}, {&error, 1}, {0.25, 0.01}, {&change, 1});
    const double K = P * h / (h * P * h + 0.25);
    EXPECT_NEAR(change, K * 0.7, 1e-15);
    P = P - K * h * P + 0.01;
    EXPECT_NEAR(filter.covariances()[0], P, 1e-15);
  }
}

TEST(DecoupledFilter, IsTheWholeFilterWithoutWhatIsBetweenGroups) {
  const std::vector<std::vector<WeightGroup>> groupings = {
      {{0, 1, 2, 3, 4, 5, 6}}, {{0, 3, 5}, {1, 6}, {2}, {4}}, {{6}, {5}, {4}, {3}, {2}, {1}, {0}}};
  for (const auto& groups : groupings) {
    DecoupledFilter filter(groups, 9);
    WholeFilter whole{groups, 9 * Eigen::MatrixXd::Identity(7, 7)};
    ThreadPool pool(1);
    for (std::size_t update = 0; update < 20; ++update) {
      const Random random(5, update);
      const Eigen::Index m = 1 + static_cast<Eigen::Index>(update % 4);
      AlignedVector<double> H(m * 7), error(m), change(7);
      for (std::size_t k = 0; k < H.size(); ++k) H[k] = random.uniform(k, -1, 1);
      for (std::size_t j = 0; j < error.size(); ++j) error[j] = random.uniform(100 + j, -1, 1);
      const DecoupledFilter::Noise noise{0.1, update % 2 == 0 ? 0.0 : 0.003};
      filter.update(pool, {H.data(), error.size(), 7}, error, noise, change);
      using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
      const Eigen::VectorXd expected =
          whole.update(Eigen::Map<Rows>(H.data(), m, 7), Eigen::Map<Eigen::VectorXd>(error.data(), m), noise);
      for (std::size_t k = 0; k < 7; ++k) EXPECT_NEAR(change[k], expected[k], 1e-11);
      std::size_t at = 0;
      for (const WeightGroup& group : groups)
        for (const std::size_t r : group)
          for (const std::size_t c : group) EXPECT_NEAR(filter.covariances()[at++], whole.P(r, c), 1e-11);
    }
  }
}

TEST(DecoupledFilter, ThreadsDoNotShow) {
  constexpr std::size_t N = 900, m = 3;
  WeightGroup one, other;
  for (std::size_t k = 0; k < N; ++k) (k < 700 ? one : other).push_back(k);
  std::vector<AlignedVector<double>> found;
  for (const std::size_t threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    DecoupledFilter filter({one, other}, 1);
    AlignedVector<double> H(m * N), error(m, 0.5), change(N);
    for (std::size_t update = 0; update < 3; ++update) {
      for (std::size_t k = 0; k < H.size(); ++k) H[k] = Random(update, 0).uniform(k, -1, 1);
      filter.update(pool, {H.data(), m, N}, error, {1, 0.1}, change);
    }
    change.insert(change.end(), filter.covariances().begin(), filter.covariances().end());
    found.push_back(change);
  }
  EXPECT_EQ(found[1], found[0]);
  EXPECT_EQ(found[2], found[0]);
}

TEST(DecoupledFilter, SaysWhatCannotBe) {
  EXPECT_THAT([] { DecoupledFilter({WeightGroup(40000)}, 1); },
              ThrowsMessage<SettingError>(HasSubstr("grouping: a group of 40000 weights")));
  DecoupledFilter filter({{0}}, -1);
  ThreadPool pool(1);
  const double h = 2, error = 1;
  double change = 0;
  EXPECT_THAT(
      [&] {
        filter.update(pool, {&h, 1, 1}, {&error, 1}, {1, 0}, {&change, 1});
      },
      ThrowsMessage<TrainingError>(HasSubstr("measurement_noise")));
}

}  // namespace
}  // namespace carousel
