// CTC in the hands of the Trainer: targets of other lengths than outputs, and some that no output can come
// to.
#include <carousel/error.h>
#include <carousel/training.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "losses/ctc.h"
#include "support/same_bits.h"
#include "training/training_samples.h"

namespace carousel {
namespace {

using carousel::testing::same_bits;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr std::size_t kSymbols = 3;

/// Each symbol is two or three steps of a feature of its own with noise, and silence after it.
class Signals final : public BatchSource<float> {
 public:
  explicit Signals(std::uint64_t seed) : seed_(seed) {}
  std::size_t batches(std::size_t) const override { return 10; }
  Batch<float> get(std::size_t epoch, std::size_t index) const override {
    const Random random(seed_, 1000 * epoch + index);
    std::uint64_t at = 0;
    std::vector<std::vector<std::size_t>> symbols(8), steps(8);
    std::vector<std::size_t> lengths(8), target_lengths(8);
    for (std::size_t b = 0; b < 8; ++b) {
      symbols[b].resize(random.below(at++, 5));
      for (std::size_t& symbol : symbols[b]) {
        symbol = random.below(at++, kSymbols);
        steps[b].insert(steps[b].end(), 2 + random.below(at++, 2), symbol);
        steps[b].push_back(kSymbols);
      }
      lengths[b] = steps[b].size();
      target_lengths[b] = symbols[b].size();
    }
    Batch<float> batch{Sequences<float>(lengths, kSymbols), Sequences<float>(target_lengths, 1), {}};
    for (std::size_t b = 0; b < 8; ++b) {
      for (std::size_t u = 0; u < symbols[b].size(); ++u)
        batch.targets.at(b, u)[0] = static_cast<float>(symbols[b][u]);
      for (std::size_t t = 0; t < lengths[b]; ++t)
        for (std::size_t f = 0; f < kSymbols; ++f)
          batch.x.at(b, t)[f] =
              static_cast<float>(random.uniform(at++, -0.3, 0.3)) + (steps[b][t] == f ? 1.0f : 0.0f);
    }
    return batch;
  }

 private:
  std::uint64_t seed_;
};

struct Trained {
  std::vector<float> weights;
  TrainingResult result;
};

Trained train(const TrainingOptions& options, const BatchSource<float>& training, std::size_t threads = 1) {
  Network<float> network("lstm 12, dense 4", kSymbols, 5);
  const Signals validation(9);
  const Ctc<float> loss(kSymbols + 1);
  ThreadPool pool(threads);
  Trainer<float> trainer(
      {.model = network, .loss = loss, .training = training, .validation = &validation, .pool = pool},
      options);
  Trained run{{}, trainer.run()};
  run.weights.assign(network.weights().begin(), network.weights().end());
  return run;
}

TrainingOptions options_for(std::size_t epochs) {
  TrainingOptions options;
  options.epochs = epochs;
  options.schedule.learning_rate = 0.02;
  options.clip_norm = 5;
  return options;
}

TEST(CtcTraining, LearnsWhereSymbolsAreWithoutBeingTold) {
  const Trained run = train(options_for(15), Signals(8));
  EXPECT_GT(run.result.history.front().loss, 2);
  EXPECT_LT(run.result.best_validation_loss, 0.15);
}

TEST(CtcTraining, ThreadsDoNotShowInTheBits) {
  const Trained one = train(options_for(2), Signals(8));
  for (const std::size_t threads : {2, 3, 8})
    EXPECT_TRUE(same_bits(one.weights, train(options_for(2), Signals(8), threads).weights)) << threads;
}

TEST(CtcTraining, ATargetThatIsTooLongDoesNotEndTheRun) {
  Batch<float> batch = Signals(8).get(0, 0);
  std::vector<std::size_t> lengths = batch.targets.layout().lengths();
  lengths[0] = batch.x.layout().length(0) + 1;
  batch.targets = Sequences<float>(lengths, 1);
  EXPECT_EQ(train(options_for(1), GivenBatches<float>({batch})).result.history.size(), 1u);

  const Batch<float> hopeless{Sequences<float>({2, 0}, kSymbols), Sequences<float>({3, 1}, 1), {}};
  EXPECT_THAT([&] { train(options_for(1), GivenBatches<float>({hopeless})); },
              ThrowsMessage<DataError>(HasSubstr("those of all 2 sequences are longer than")));
}

TEST(CtcTraining, WhatWouldCutSequencesIsRefused) {
  TrainingOptions options = options_for(1);
  options.tbptt = 4;
  EXPECT_THAT([&] { train(options, Signals(8)); },
              ThrowsMessage<SettingError>(HasSubstr("tbptt cuts sequences, but loss ctc is of whole ones")));
  EncoderDecoder<float> model("encoder_decoder(encoder(lstm 3), decoder(lstm 4)) symbols=3", kSymbols);
  const Ctc<float> loss(kSymbols + 1);
  const Signals source(8);
  ThreadPool pool(1);
  EXPECT_THAT(
      [&] { Trainer<float>({.model = model, .loss = loss, .training = source, .pool = pool}, {}).run(); },
      ThrowsMessage<SettingError>(HasSubstr("use cross_entropy of 4 classes")));
}

TEST(CtcTraining, ThroughThePublicInterface) {
  const Batch<float> batch = Signals(8).get(0, 0);
  std::vector<Example> examples;
  for (std::size_t b = 0; b < batch.x.layout().batch(); ++b) {
    Example example;
    for (std::size_t t = 0; t < batch.x.layout().length(b); ++t)
      example.x.insert(example.x.end(), batch.x.at(b, t).begin(), batch.x.at(b, t).end());
    for (std::size_t u = 0; u < batch.targets.layout().length(b); ++u)
      example.target.push_back(batch.targets.at(b, u)[0]);
    examples.push_back(example);
  }
  Model model = Model::create("lstm 8, dense 4", kSymbols);
  TrainingSettings settings;
  settings.loss = "ctc";
  settings.epochs = 5;
  settings.learning_rate = 0.02;
  settings.threads = 1;
  const TrainingSummary summary = carousel::train(model, examples, {}, settings);
  EXPECT_LT(summary.training_loss, summary.history.front().loss);
}

}  // namespace
}  // namespace carousel
