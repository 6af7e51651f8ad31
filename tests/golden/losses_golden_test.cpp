// CTC and the options of cross-entropy against PyTorch's (make_golden.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "losses/loss.h"
#include "model/safetensors.h"

namespace carousel::testing {
namespace {

class GoldenLosses : public ::testing::Test {
 protected:
  std::span<const float> numbers(const std::string& name) const {
    const NamedTensor* tensor = file_.find(name);
    if (tensor == nullptr) throw std::runtime_error("no tensor " + name);
    return tensor->numbers<float>();
  }
  Tensor<float> matrix(const std::string& name) const {
    Tensor<float> result(file_.find(name)->shape);
    std::ranges::copy(numbers(name), result.data());
    return result;
  }
  /// A padded [T, B, F] tensor as sequences.
  Sequences<float> sequences(const std::string& name, const std::string& lengths_name) const {
    std::vector<std::size_t> lengths;
    for (const float length : numbers(lengths_name)) lengths.push_back(static_cast<std::size_t>(length));
    const std::size_t F = file_.find(name)->shape[2];
    Sequences<float> result(lengths, F);
    for (std::size_t b = 0; b < lengths.size(); ++b)
      for (std::size_t t = 0; t < lengths[b]; ++t)
        std::ranges::copy(numbers(name).subspan((t * lengths.size() + b) * F, F), result.at(b, t).begin());
    return result;
  }
  void cross_entropy(const std::string& name, const LossOptions& options) const {
    const Tensor<float> p = matrix(name + ".prediction"), y = matrix("target");
    Tensor<float> d(p.shape());
    const LossValue value =
        make_loss<float>("cross_entropy", options)->evaluate(p.matrix(), y.matrix(), d.matrix());
    EXPECT_NEAR(value.sum, numbers(name + ".loss")[0], 1e-6 * value.sum);
    const std::span<const float> expected = numbers(name + ".gradient");
    for (std::size_t i = 0; i < d.size(); ++i) EXPECT_NEAR(d[i], expected[i], 1e-7) << name << " " << i;
  }

 private:
  Safetensors file_ = read_safetensors(std::string(CAROUSEL_GOLDEN_DIR) + "/losses.safetensors");
};

TEST_F(GoldenLosses, CtcAgreesWithPyTorch) {
  const Sequences<float> p = sequences("ctc.prediction", "ctc.lengths");
  const Sequences<float> y = sequences("ctc.target", "ctc.target_lengths");
  const Sequences<float> expected = sequences("ctc.gradient", "ctc.lengths");
  Sequences<float> d;
  ThreadPool pool(1);
  LossOptions options;
  options.classes = p.features();
  const LossValue value = make_loss<float>("ctc", options)->evaluate_sequences(pool, p, y, &d);
  double sum = 0;
  for (const float loss : numbers("ctc.losses")) sum += static_cast<double>(loss);
  EXPECT_EQ(value.count, 4u);
  EXPECT_NEAR(value.sum, sum, 1e-6 * sum);
  for (std::size_t i = 0; i < d.values().size(); ++i)
    EXPECT_NEAR(d.values()[i], expected.values()[i], 1e-6) << i;
}

TEST_F(GoldenLosses, SmoothedCrossEntropyAgreesWithPyTorch) {
  LossOptions options;
  options.classes = 5;
  options.smoothing = 0.15;
  cross_entropy("smoothed", options);
}

TEST_F(GoldenLosses, WeightedCrossEntropyAgreesWithPyTorch) {
  LossOptions options;
  options.classes = 5;
  options.class_weights.assign(numbers("weights").begin(), numbers("weights").end());
  cross_entropy("weighted", options);
}

}  // namespace
}  // namespace carousel::testing
