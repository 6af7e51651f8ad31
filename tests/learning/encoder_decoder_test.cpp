// A string of symbols must be learnt to be written backwards: what attention is for.
#include "model/encoder_decoder.h"

#include <gtest/gtest.h>

#include "losses/cross_entropy.h"
#include "training/trainer.h"

namespace carousel {
namespace {

constexpr std::size_t kSymbols = 8, kShortest = 3, kLongest = 8, kBatch = 32;

/// Strings and the same backwards: functions of the seed and the batch's number.
class Strings final : public BatchSource<float> {
 public:
  Strings(std::uint64_t seed, std::size_t batches, std::size_t batch)
      : seed_(seed), batches_(batches), batch_(batch) {}
  std::size_t batches(std::size_t) const override { return batches_; }
  Batch<float> get(std::size_t, std::size_t index) const override {
    const Random random(seed_, index);
    std::vector<std::size_t> lengths(batch_);
    for (std::size_t b = 0; b < batch_; ++b)
      lengths[b] = kShortest + random.below(100 * b, kLongest - kShortest + 1);
    Batch<float> result{Sequences<float>(lengths, 1), Sequences<float>(lengths, 1), {}};
    for (std::size_t b = 0; b < batch_; ++b)
      for (std::size_t t = 0; t < lengths[b]; ++t) {
        const auto symbol = static_cast<float>(random.below(100 * b + 1 + t, kSymbols));
        result.x.at(b, t)[0] = result.targets.at(b, lengths[b] - 1 - t)[0] = symbol;
      }
    return result;
  }

 private:
  std::uint64_t seed_;
  std::size_t batches_, batch_;
};

void train(EncoderDecoder<float>& model, std::size_t updates, double rate, double sampling) {
  ThreadPool pool(1);
  const CrossEntropy<float> loss(kSymbols + 1);
  const Strings strings(1, updates, kBatch);
  TrainingOptions options;
  options.epochs = 1;
  options.schedule.name = "cosine";
  options.schedule.learning_rate = rate;
  options.clip_norm = 1;
  options.sampling = sampling;
  options.seed = 2;
  Trainer<float>({.model = model, .loss = loss, .training = strings, .pool = pool}, options).run();
}

/// Share of strings, none of them trained on in this order, that come back reversed.
double share_right(const EncoderDecoder<float>& model, const SearchOptions& options) {
  const Batch<float> test = Strings(99, 1, 400).get(0, 0);
  ThreadPool pool(1);
  const auto found = model.search(pool, test.x, options);
  std::size_t right = 0;
  for (std::size_t b = 0; b < found.size(); ++b) {
    std::vector<std::size_t> expected;
    for (std::size_t u = 0; u < test.targets.layout().length(b); ++u)
      expected.push_back(static_cast<std::size_t>(test.targets.at(b, u)[0]));
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
  train(model, 800, 0.01, 0.4);
  EXPECT_GE(share_right(model, {.max_length = 12}), 0.95);
}

TEST(LearningToReverse, WithDotAttention) {
  EncoderDecoder<float> model(spec("attention=dot"), 1, 3);
  train(model, 400, 0.01, 0);
  EXPECT_GE(share_right(model, {.max_length = 12}), 0.9);
}

TEST(LearningToReverse, TheSameSeedGivesTheSameBits) {
  const auto weights = [] {
    EncoderDecoder<float> model(spec("attention=dot"), 1, 3);
    train(model, 20, 0.01, 0.6);
    return std::vector<float>(model.weights().begin(), model.weights().end());
  };
  EXPECT_EQ(weights(), weights());
}

}  // namespace
}  // namespace carousel
