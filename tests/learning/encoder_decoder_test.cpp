// A string of symbols must be learnt to be written backwards: what attention is for.
#include "model/encoder_decoder.h"

#include <gtest/gtest.h>

#include "losses/cross_entropy.h"
#include "training/optimizer.h"

namespace carousel {
namespace {

constexpr std::size_t kSymbols = 8, kShortest = 3, kLongest = 8, kBatch = 32;

struct Strings {
  Sequences<float> x, reversed;
};

/// A batch of strings: functions of the seed and the batch's number.
Strings strings(std::uint64_t seed, std::uint64_t number, std::size_t batch) {
  const Random random(seed, number);
  std::vector<std::size_t> lengths(batch);
  for (std::size_t b = 0; b < batch; ++b)
    lengths[b] = kShortest + random.below(100 * b, kLongest - kShortest + 1);
  Strings result{Sequences<float>(lengths, 1), Sequences<float>(lengths, 1)};
  for (std::size_t b = 0; b < batch; ++b)
    for (std::size_t t = 0; t < lengths[b]; ++t) {
      const auto symbol = static_cast<float>(random.below(100 * b + 1 + t, kSymbols));
      result.x.at(b, t)[0] = result.reversed.at(b, lengths[b] - 1 - t)[0] = symbol;
    }
  return result;
}

void train(EncoderDecoder<float>& model, std::size_t updates, double rate, double sampling) {
  ThreadPool pool(1);
  const CrossEntropy<float> loss(kSymbols + 1);
  const auto adam = make_optimizer<float>({}, model.weights().size());
  EncoderDecoderTrace<float> trace = model.make_trace();
  Sequences<float> logits, dlogits;
  std::vector<float> gradient(model.weights().size());
  for (std::size_t update = 0; update < updates; ++update) {
    const Strings batch = strings(1, update, kBatch);
    const Pass pass{.pool = &pool, .training = true, .seed = 2, .update = update};
    model.forward(pass, batch.x, batch.reversed, sampling, logits, trace);
    dlogits.reshape(logits.layout_pointer(), logits.features());
    const Sequences<float> expected = model.with_end(batch.reversed);
    loss.evaluate(std::as_const(logits).matrix(), expected.matrix(), dlogits.matrix());
    std::ranges::fill(gradient, 0.0f);
    model.backward(pass, batch.x, dlogits, nullptr, gradient, trace);
    clip_by_norm<float>(gradient, 1);
    const double left = 1 - static_cast<double>(update) / static_cast<double>(updates);
    model.update_weights([&](std::span<float> w) { adam->step(w, gradient, rate * left); });
  }
}

/// Share of strings, none of them trained on in this order, that come back reversed.
double share_right(const EncoderDecoder<float>& model, const SearchOptions& options) {
  const Strings test = strings(99, 0, 400);
  ThreadPool pool(1);
  const auto found = model.search(pool, test.x, options);
  std::size_t right = 0;
  for (std::size_t b = 0; b < found.size(); ++b) {
    std::vector<std::size_t> expected;
    for (std::size_t u = 0; u < test.reversed.layout().length(b); ++u)
      expected.push_back(static_cast<std::size_t>(test.reversed.at(b, u)[0]));
    right += found[b][0].symbols == expected;
  }
  return static_cast<double>(right) / static_cast<double>(found.size());
}

std::string spec(const std::string& options) {
  return "encoder_decoder(encoder(embedding 8 16, bidirectional(gru 24)), decoder(gru 48)) symbols=8 "
         "embedding=16 " +
         options;
}

TEST(LearningToReverse, WithAdditiveAttention) {
  EncoderDecoder<float> model(spec("attention=additive attention_width=32"), 1, 3);
  train(model, 800, 0.01, 0);
  EXPECT_GE(share_right(model, {.max_length = 12}), 0.95);
  EXPECT_GE(share_right(model, {.width = 4, .max_length = 12}), 0.95);
}

TEST(LearningToReverse, WithMultiplicativeAttentionAndScheduledSampling) {
  EncoderDecoder<float> model(spec("attention=multiplicative"), 1, 3);
  train(model, 800, 0.01, 0.2);
  EXPECT_GE(share_right(model, {.max_length = 12}), 0.95);
}

TEST(LearningToReverse, TheSameSeedGivesTheSameBits) {
  const auto weights = [] {
    EncoderDecoder<float> model(spec("attention=dot"), 1, 3);
    train(model, 20, 0.01, 0.3);
    return std::vector<float>(model.weights().begin(), model.weights().end());
  };
  EXPECT_EQ(weights(), weights());
}

}  // namespace
}  // namespace carousel
