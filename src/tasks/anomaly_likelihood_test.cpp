#include "tasks/anomaly_likelihood.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/random.h"

namespace carousel {
namespace {

/// The formula of the header as it stands there, over all errors so far: rows that have not come are pairs
/// one deviation to either side of the normal mean.
double plain_score(const std::vector<double>& errors, std::size_t end, std::size_t long_rows,
                   std::size_t short_rows, const NormalErrors& normal) {
  const std::size_t here = std::min(end, long_rows), recent = std::min(end, short_rows);
  const auto all = static_cast<long double>(long_rows), missing = all - static_cast<long double>(here);
  long double sum = missing * normal.mean, squares = 0, last = 0;
  for (std::size_t i = end - here; i < end; ++i) sum += errors[i];
  const long double mean = sum / all;
  for (std::size_t i = end - here; i < end; ++i) squares += (errors[i] - mean) * (errors[i] - mean);
  const long double away = normal.mean - mean;
  squares += missing * (static_cast<long double>(normal.deviation) * normal.deviation + away * away);
  for (std::size_t i = end - recent; i < end; ++i) last += errors[i];
  const auto z =
      static_cast<double>((last / static_cast<long double>(recent) - mean) / std::sqrt(squares / all));
  return -std::log10(0.5 * std::erfc(z / std::sqrt(2.0)));
}

std::vector<double> some_errors(std::size_t count) {
  std::vector<double> errors;
  const Random random(3, 1);
  for (std::size_t i = 0; i < count; ++i) errors.push_back(random.uniform(i) + (i % 97 < 6 ? 1.5 : 0));
  return errors;
}

TEST(AnomalyLikelihood, is_the_formula_at_every_row) {
  const std::vector<double> errors = some_errors(500);
  const NormalErrors normal{0.4, 0.2};
  AnomalyLikelihood likelihood(60, 5, normal);
  double highest = 0;
  for (std::size_t i = 0; i < errors.size(); ++i) {
    const double score = likelihood.add(errors[i]);
    EXPECT_NEAR(score, plain_score(errors, i + 1, 60, 5, normal), 1e-9) << i;
    highest = std::max(highest, score);
  }
  EXPECT_GT(highest, 2);
}

TEST(AnomalyLikelihood, forgets_an_error_that_has_gone_however_large) {
  std::vector<double> errors = some_errors(300);
  errors[20] = std::numeric_limits<double>::infinity();
  const NormalErrors normal{0.4, 0.2};
  AnomalyLikelihood likelihood(60, 5, normal);
  for (std::size_t i = 0; i < errors.size(); ++i) {
    const double score = likelihood.add(errors[i]);
    EXPECT_TRUE(std::isfinite(score)) << i;
    if (i >= 80) {
      EXPECT_NEAR(score, plain_score(errors, i + 1, 60, 5, normal), 1e-9) << i;
    }
  }
}

TEST(AnomalyLikelihood, leaves_out_what_is_missing) {
  AnomalyLikelihood with(20, 3, {0.5, 0.1}), without(20, 3, {0.5, 0.1});
  for (const double error : some_errors(50)) {
    EXPECT_TRUE(std::isnan(with.add(std::nan(""))));
    EXPECT_EQ(with.add(error), without.add(error));
  }
}

TEST(AnomalyLikelihood, errors_that_never_differ_are_no_anomaly) {
  AnomalyLikelihood likelihood(8, 2, normal_errors(std::vector<double>(5, 0.25)));
  for (int i = 0; i < 40; ++i) EXPECT_LT(likelihood.add(0.25), 0.31);
  EXPECT_GT(likelihood.add(0.5), 0.5);
}

TEST(NormalErrors, are_mean_and_deviation_of_those_that_count) {
  const NormalErrors normal = normal_errors(std::vector<double>{1, std::nan(""), 3, 5});
  EXPECT_DOUBLE_EQ(normal.mean, 3);
  EXPECT_DOUBLE_EQ(normal.deviation, std::sqrt(8.0 / 3));
  EXPECT_EQ(normal_errors({}).deviation, 1);
  EXPECT_DOUBLE_EQ(normal_errors(std::vector<double>{2, 2}).deviation, 0.002);
}

}  // namespace
}  // namespace carousel
