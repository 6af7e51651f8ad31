// An encoder-decoder's logits, attention and gradients against PyTorch's (make_golden.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "model/encoder_decoder.h"
#include "model/safetensors.h"

namespace carousel::testing {
namespace {

constexpr double kOutputLimit = 1e-6, kGradientLimit = 1e-5;

class AttentionGolden : public ::testing::TestWithParam<std::string> {
 protected:
  AttentionGolden()
      : file_(read_safetensors(std::string(CAROUSEL_GOLDEN_DIR) + "/attention_" + GetParam() +
                               ".safetensors")) {}

  std::span<const float> numbers(const std::string& name) const {
    const NamedTensor* tensor = file_.find(name);
    if (tensor == nullptr) throw std::runtime_error("no tensor " + name);
    return tensor->numbers<float>();
  }
  std::vector<std::size_t> lengths(const std::string& name) const {
    return {numbers(name).begin(), numbers(name).end()};
  }
  /// Of a padded [T, B, F] tensor.
  std::span<const float> row(const std::string& name, std::size_t t, std::size_t b) const {
    const Shape& shape = file_.find(name)->shape;
    return numbers(name).subspan((t * shape[1] + b) * shape[2], shape[2]);
  }
  Sequences<float> sequences(const std::string& name, const std::vector<std::size_t>& steps) const {
    Sequences<float> result(steps, file_.find(name)->shape[2]);
    for (std::size_t b = 0; b < steps.size(); ++b)
      for (std::size_t t = 0; t < steps[b]; ++t) std::ranges::copy(row(name, t, b), result.at(b, t).begin());
    return result;
  }

  Safetensors file_;
};

void expect_near(std::span<const float> ours, std::span<const float> theirs, double limit,
                 const std::string& what) {
  ASSERT_EQ(ours.size(), theirs.size()) << what;
  double scale = 1e-12;  // limits are relative to the largest value
  for (const float v : theirs) scale = std::max(scale, static_cast<double>(std::abs(v)));
  for (std::size_t i = 0; i < ours.size(); ++i)
    EXPECT_NEAR(ours[i], theirs[i], limit * scale) << what << ", element " << i;
}

TEST_P(AttentionGolden, LogitsAttentionAndGradientsAgreeWithPyTorch) {
  EncoderDecoder<float> model(file_.metadata.at("spec"), std::stoul(file_.metadata.at("inputs")));
  model.update_weights([&](std::span<float> weights) {
    for (const Parameter& p : model.parameters().all())
      std::ranges::copy(numbers("weights." + p.name),
                        weights.begin() + static_cast<std::ptrdiff_t>(p.offset));
  });
  const std::vector<std::size_t> source_steps = lengths("lengths"), target_steps = lengths("target_lengths");
  std::vector<std::size_t> steps = target_steps;
  for (std::size_t& n : steps) ++n;
  const Sequences<float> x = sequences("x", source_steps), targets = sequences("targets", target_steps);
  ThreadPool pool(1);
  const Pass pass{.pool = &pool, .training = true};
  EncoderDecoderTrace<float> trace = model.make_trace();
  Sequences<float> logits, dx;
  model.forward(pass, x, targets, 0, logits, trace);
  expect_near(logits.values(), sequences("logits", steps).values(), kOutputLimit, "logits");
  for (std::size_t b = 0; b < steps.size(); ++b)
    for (std::size_t t = 0; t < steps[b]; ++t)
      expect_near(trace.decoder.weights_of(b).row_span(t), row("attention", t, b).first(source_steps[b]),
                  kOutputLimit, "attention");

  std::vector<float> gradient(model.weights().size());
  model.backward(pass, x, sequences("dy", steps), &dx, gradient, trace);
  expect_near(dx.values(), sequences("dx", source_steps).values(), kGradientLimit, "dx");
  for (const Parameter& p : model.parameters().all())
    expect_near(std::span(gradient).subspan(p.offset, p.shape.size()), numbers("gradient." + p.name),
                kGradientLimit, p.name);
}

INSTANTIATE_TEST_SUITE_P(Files, AttentionGolden, ::testing::Values("additive", "multiplicative", "dot"),
                         [](const auto& file) { return file.param; });

}  // namespace
}  // namespace carousel::testing
