#include "tasks/weight_drift.h"

#include <carousel/error.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "model/model_file.h"
#include "support/same_bits.h"

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
  const WeightDrift one = reduce_weights(file_, WeightFormat::bf16, {}, 1, pool_).drift,
                    again = reduce_weights(file_, WeightFormat::bf16, {}, 1, pool_).drift,
                    other = reduce_weights(file_, WeightFormat::bf16, {}, 2, pool_).drift;
  EXPECT_TRUE(one.data.empty());
  EXPECT_TRUE(one.scores.empty());
  EXPECT_EQ(one.outputs.largest(), again.outputs.largest());
  EXPECT_NE(one.outputs.largest(), other.outputs.largest());
  EXPECT_GT(one.outputs.rms(), 0);
  EXPECT_LT(one.outputs.largest(), 0.1 * one.outputs.spread());
  EXPECT_EQ(one.symbols, 0u);
  EXPECT_THROW(reduce_weights(file_, WeightFormat::bf16, "a.csv", 1, pool_), SettingError);
}

TEST_F(WeightDriftTest, ANetworkThatReadsSymbolsGetsSymbols) {
  for (const std::string spec : {"embedding 5 8, lstm 12, dense 5", "bidirectional(embedding 5 8, lstm 6)"}) {
    save_model(file_, Network<float>(spec, 1, 4), {});
    const WeightDrift one = reduce_weights(file_, WeightFormat::int8, {}, 1, pool_).drift,
                      other = reduce_weights(file_, WeightFormat::int8, {}, 2, pool_).drift;
    EXPECT_EQ(one.symbols, 5u);
    EXPECT_EQ(one.outputs.non_finite(), 0u);  // what is no symbol is looked up as NaN
    EXPECT_GT(one.outputs.largest(), 0);
    EXPECT_NE(one.outputs.largest(), other.outputs.largest());
  }
}

TEST_F(WeightDriftTest, TheModelIsTheOneThatIsLoadedReduced) {
  const ReducedModel reduced = reduce_weights(file_, WeightFormat::int8, {}, 1, pool_);
  const LoadedModel<float> loaded = load_model<float>(file_, WeightFormat::int8);
  EXPECT_TRUE(testing::same_bits(reduced.model.network.weights(), loaded.network.weights()));
  EXPECT_EQ(reduced.model.metadata, loaded.metadata);
  EXPECT_EQ(reduced.own_data, "");
}

TEST_F(WeightDriftTest, ReducedBeforeIsRefused) {
  save_model(file_, load_model<float>(file_, WeightFormat::int8).network, {});
  for (const WeightFormat format : {WeightFormat::int8, WeightFormat::bf16}) {
    try {
      reduce_weights(file_, format, {}, 1, pool_);
      ADD_FAILURE() << "accepted";
    } catch (const ModelError& error) {
      EXPECT_NE(std::string(error.what()).find("already keeps its weights as int8"), std::string::npos);
    }
  }
}

TEST_F(WeightDriftTest, OutputsThatAreNotFiniteAreCountedApart) {
  Network<float> exact("dense 1", 1), reduced("dense 1", 1);
  exact.set_weights(std::vector<float>{3e38f, 0});
  reduced.set_weights(std::vector<float>{2e38f, 0});
  Sequences<float> x({4}, 1);
  const float steps[] = {0, 1.5f, 10, 0.5f};  // reduced: 3e38 at the second, where exact has no number
  std::ranges::copy(steps, x.values().begin());
  Drift drift;
  drift.add(exact, reduced, x, pool_);
  EXPECT_EQ(drift.non_finite(), 2u);
  EXPECT_EQ(drift.values(), 2u);
  const double difference = 0.5 * (double{3e38f} - double{2e38f});
  EXPECT_NEAR(drift.largest() / difference, 1, 1e-6);
  EXPECT_NEAR(drift.rms() / difference, std::sqrt(0.5), 1e-6);

  Drift none;
  std::ranges::fill(x.values(), 10.0f);
  none.add(exact, reduced, x, pool_);
  EXPECT_EQ(none.non_finite(), 4u);
  for (const double figure : {none.largest(), none.rms(), none.spread()}) EXPECT_TRUE(std::isnan(figure));
}

}  // namespace
}  // namespace carousel
