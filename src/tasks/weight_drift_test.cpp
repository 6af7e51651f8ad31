#include "tasks/weight_drift.h"

#include <carousel/error.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "model/model_file.h"

namespace carousel {
namespace {

class WeightDriftTest : public ::testing::Test {
 protected:
  WeightDriftTest()
      : file_((std::filesystem::temp_directory_path() / ("carousel_drift_test_" + std::to_string(::getpid())))
                  .string()) {
    save_model(file_, Network<float>("lstm 24, dense 3", 2, 4), {});
  }
  ~WeightDriftTest() override { std::filesystem::remove(file_); }

  std::string file_;
  ThreadPool pool_{2};
};

TEST_F(WeightDriftTest, IsTheDifferenceOfOutputs) {
  const Network<float> exact = load_model<float>(file_).network,
                       reduced = load_model<float>(file_, WeightFormat::int8).network;
  Drift drift;
  std::vector<double> values, differences;
  for (const std::size_t length : {7, 30}) {
    Sequences<float> x({length, 4}, 2), a, b;
    const Random random(3, length);
    for (std::size_t i = 0; i < x.values().size(); ++i) x.values()[i] = static_cast<float>(random.uniform(i));
    drift.add(exact, reduced, x, pool_);
    for (const auto& [network, y] : {std::pair(&exact, &a), std::pair(&reduced, &b)}) {
      Tensor<float> state({2, network->state_size()});
      network->forward({.pool = &pool_}, x, state.matrix(), *y, *network->make_trace());
    }
    for (std::size_t i = 0; i < a.values().size(); ++i) {
      values.push_back(a.values()[i]);
      differences.push_back(double{b.values()[i]} - a.values()[i]);
    }
  }
  const auto mean = [](const std::vector<double>& of, auto&& term) {
    double sum = 0;
    for (const double v : of) sum += term(v);
    return sum / static_cast<double>(of.size());
  };
  const auto square = [](double v) { return v * v; };
  const double centre = mean(values, [](double v) { return v; });
  double largest = 0;
  for (const double d : differences) largest = std::max(largest, std::abs(d));
  EXPECT_EQ(drift.values(), values.size());
  EXPECT_EQ(drift.sequences(), 4u);
  EXPECT_EQ(drift.largest(), largest);
  EXPECT_NEAR(drift.rms(), std::sqrt(mean(differences, square)), 1e-12);
  EXPECT_NEAR(drift.spread(), std::sqrt(mean(values, [&](double v) { return square(v - centre); })), 1e-12);
  EXPECT_GT(largest, 0);
}

TEST_F(WeightDriftTest, WithoutATaskTheSampleIsStandardNormal) {
  const WeightDrift one = measure_weight_drift(file_, WeightFormat::bf16, {}, 1, pool_),
                    again = measure_weight_drift(file_, WeightFormat::bf16, {}, 1, pool_),
                    other = measure_weight_drift(file_, WeightFormat::bf16, {}, 2, pool_);
  EXPECT_TRUE(one.data.empty());
  EXPECT_TRUE(one.scores.empty());
  EXPECT_EQ(one.outputs.largest(), again.outputs.largest());
  EXPECT_NE(one.outputs.largest(), other.outputs.largest());
  EXPECT_GT(one.outputs.rms(), 0);
  EXPECT_LT(one.outputs.largest(), 0.1 * one.outputs.spread());
  EXPECT_THROW(measure_weight_drift(file_, WeightFormat::bf16, "a.csv", 1, pool_), SettingError);
}

}  // namespace
}  // namespace carousel
