// A host program may run with flush-to-zero or another rounding: results do not change, and its mode is left
// alone.
#include <carousel/model.h>
#include <carousel/training.h>
#include <gtest/gtest.h>

#include <cfenv>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "support/same_bits.h"

namespace carousel::testing {
namespace {

/// An audio host's mode: denormals flushed (where the CPU can) and rounding upwards.
class HostMode {
 public:
  HostMode() {
    std::fegetenv(&before_);
    std::fesetround(FE_UPWARD);
#if defined(__x86_64__)
    _mm_setcsr(_mm_getcsr() | 0x8040);
#endif
  }
  ~HostMode() { std::fesetenv(&before_); }

 private:
  std::fenv_t before_;
};

/// Inputs among which some are denormal, and weights that keep them so.
Model tiny_model() {
  Model model = Model::create("lstm 50, dense 2", 1, 3);
  std::vector<float> weights(model.weights().begin(), model.weights().end());
  for (std::size_t i = 0; i < weights.size(); i += 3) weights[i] *= 1e-20f;
  model.set_weights(weights);
  return model;
}
std::vector<float> tiny_inputs() {
  std::vector<float> x(64);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i) * (i % 2 == 0 ? 1e-40f : 0.01f);
  return x;
}

TEST(FloatMode, OfTheHostDoesNotShowInPredictionsAndStreams) {
  const Model model = tiny_model();
  const std::vector<float> x = tiny_inputs(), expected = model.predict(x);
  std::vector<float> whole, stepped(expected.size());
  std::vector<std::vector<float>> batch;
  int rounding = 0;
  {
    const HostMode host;
    whole = model.predict(x);
    batch = model.predict(std::vector<std::vector<float>>(40, x), 3);
    Stream stream = model.open_stream();
    for (std::size_t t = 0; t < x.size(); ++t) stream.step(&x[t], &stepped[2 * t]);
    rounding = std::fegetround();
  }
  EXPECT_EQ(rounding, FE_UPWARD) << "the host's mode was not put back";
  EXPECT_TRUE(same_bits(expected, whole));
  EXPECT_TRUE(same_bits(expected, stepped));
  for (const auto& sequence : batch) EXPECT_TRUE(same_bits(expected, sequence));
}

TEST(FloatMode, OfTheHostDoesNotShowInTraining) {
  const std::vector<Example> examples(12, Example{tiny_inputs(), std::vector<float>(128, 0.25f)});
  TrainingSettings settings;
  settings.epochs = 3;
  settings.batch = 4;
  settings.threads = 2;
  Model expected = tiny_model(), inside = tiny_model();
  train(expected, examples, {}, settings);
  {
    const HostMode host;
    train(inside, examples, {}, settings);
  }
  EXPECT_TRUE(same_bits(expected.weights(), inside.weights()));
}

}  // namespace
}  // namespace carousel::testing
