// A transducer in the hands of the Trainer.
#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "losses/ctc.h"
#include "losses/transducer_loss.h"
#include "support/same_bits.h"
#include "training/training_samples.h"

namespace carousel {
namespace {

using carousel::testing::same_bits;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr std::size_t kSymbols = 3, kBatches = 12, kBatch = 8;
const std::string kSpec = "transducer(encoder(lstm 16), prediction(gru 8)) symbols=3 embedding=4 joint=12";

/// Steps that each say a symbol, twice or three times in a row, and silence between.
Batch<float> signals(const Random& random, std::size_t batch) {
  std::uint64_t at = 0;
  std::vector<std::vector<std::size_t>> symbols(batch), steps(batch);
  std::vector<std::size_t> lengths(batch), target_lengths(batch);
  for (std::size_t b = 0; b < batch; ++b) {
    symbols[b].resize(random.below(at++, 5));
    for (std::size_t& symbol : symbols[b]) {
      symbol = random.below(at++, kSymbols);
      steps[b].insert(steps[b].end(), 2 + random.below(at++, 2), symbol);
      steps[b].push_back(kSymbols);
    }
    lengths[b] = steps[b].size();
    target_lengths[b] = symbols[b].size();
  }
  Batch<float> result{Sequences<float>(lengths, kSymbols), Sequences<float>(target_lengths, 1), {}};
  for (std::size_t b = 0; b < batch; ++b) {
    for (std::size_t u = 0; u < symbols[b].size(); ++u)
      result.targets.at(b, u)[0] = static_cast<float>(symbols[b][u]);
    for (std::size_t t = 0; t < lengths[b]; ++t)
      for (std::size_t f = 0; f < kSymbols; ++f)
        result.x.at(b, t)[f] =
            static_cast<float>(random.uniform(at++, -0.3, 0.3)) + (steps[b][t] == f ? 1.0f : 0.0f);
  }
  return result;
}

class Signals final : public BatchSource<float> {
 public:
  explicit Signals(std::uint64_t seed) : seed_(seed) {}
  std::size_t batches(std::size_t) const override { return kBatches; }
  Batch<float> get(std::size_t epoch, std::size_t index) const override {
    return signals(Random(seed_, 1000 * epoch + index), kBatch);
  }

 private:
  std::uint64_t seed_;
};

TrainingOptions options_for(std::size_t epochs) {
  TrainingOptions options;
  options.epochs = epochs;
  options.schedule.learning_rate = 0.02;
  options.clip_norm = 5;
  options.seed = 77;
  options.checkpoint_seconds = 1e9;
  return options;
}

struct Trained {
  std::vector<float> weights;
  TrainingResult result;
};

Trained train(const TrainingOptions& options, std::size_t threads = 1, const std::string& from = "",
              ProgressSink* sink = nullptr) {
  Transducer<float> model(kSpec, kSymbols, 5);
  const Signals training(8), validation(9);
  const TransducerLoss<float> loss(kSymbols + 1);
  ThreadPool pool(threads);
  Trainer<float> trainer({.model = model,
                          .loss = loss,
                          .training = training,
                          .validation = &validation,
                          .pool = pool,
                          .sink = sink},
                         options);
  if (!from.empty()) trainer.resume(load_checkpoint<float>(from));
  Trained run{{}, trainer.run()};
  run.weights.assign(model.weights().begin(), model.weights().end());
  return run;
}

TEST(TransducerTraining, LearnsToWriteWhatItHears) {
  const Trained run = train(options_for(12));
  EXPECT_LT(run.result.best_validation_loss, 0.3);
  Transducer<float> model(kSpec, kSymbols);
  model.set_weights(run.weights);
  ThreadPool pool(1);
  const Batch<float> test = signals(Random(99, 1), 50);
  for (const std::size_t width : {1, 4}) {
    const auto found = model.search(pool, test.x, {.width = width, .max_a_step = 3});
    std::size_t right = 0;
    for (std::size_t b = 0; b < found.size(); ++b) {
      std::vector<std::size_t> expected;
      for (std::size_t u = 0; u < test.targets.layout().length(b); ++u)
        expected.push_back(static_cast<std::size_t>(test.targets.at(b, u)[0]));
      right += found[b][0].symbols == expected ? 1 : 0;
    }
    EXPECT_GE(right, 46u) << width;
  }
}

TEST(TransducerTraining, IsForwardLossBackwardAndUpdate) {
  Transducer<float> model(kSpec, kSymbols, 5), trained(kSpec, kSymbols, 5);
  const Signals training(8);
  const TransducerLoss<float> loss(kSymbols + 1);
  ThreadPool pool(1);
  Trainer<float>({.model = trained, .loss = loss, .training = training, .pool = pool}, options_for(1)).run();
  const auto adam = make_optimizer<float>({}, model.weights().size());
  TransducerTrace<float> trace = model.make_trace();
  Sequences<float> logits, dlogits;
  std::vector<float> gradient(model.weights().size());
  for (std::size_t update = 0; update < kBatches; ++update) {
    const Batch<float> batch = training.get(0, update);
    const Pass pass{.pool = &pool, .training = true, .seed = 77, .update = update};
    model.forward(pass, batch.x, batch.targets, logits, trace);
    loss.evaluate_sequences(pool, logits, batch.targets, &dlogits);
    std::ranges::fill(gradient, 0.0f);
    model.backward(pass, batch.x, dlogits, nullptr, gradient, trace);
    clip_by_norm<float>(gradient, 5);
    model.update_weights([&](std::span<float> weights) { adam->step(weights, gradient, 0.02); });
  }
  EXPECT_TRUE(same_bits(model.weights(), trained.weights()));
}

TEST(TransducerTraining, NeitherThreadsNorAStopShowInTheBits) {
  const Trained whole = train(options_for(2));
  for (const std::size_t threads : {2, 3}) {
    const Trained more = train(options_for(2), threads);
    EXPECT_TRUE(same_bits(whole.weights, more.weights)) << threads;
    EXPECT_EQ(whole.result.best_validation_loss, more.result.best_validation_loss) << threads;
  }
  const std::string folder = ::testing::TempDir() + "carousel_transducer_" + std::to_string(::getpid());
  std::filesystem::create_directories(folder);
  TrainingOptions options = options_for(2);
  options.checkpoint_path = folder + "/checkpoint";
  RecordingSink stop(7);
  EXPECT_EQ(train(options, 1, "", &stop).result.stopped, StopReason::interrupted);
  EXPECT_TRUE(same_bits(whole.weights, train(options, 1, options.checkpoint_path).weights));
  std::filesystem::remove_all(folder);
}

TEST(TransducerTraining, WhatCannotBeIsRefused) {
  const auto refused_option = [](auto change, const char* message) {
    TrainingOptions options = options_for(1);
    change(options);
    EXPECT_THAT([&] { train(options); }, ThrowsMessage<SettingError>(HasSubstr(message)));
  };
  refused_option([](TrainingOptions& o) { o.tbptt = 4; }, "tbptt cuts sequences");
  refused_option([](TrainingOptions& o) { o.truncate = 4; }, "truncate cuts sequences");
  refused_option([](TrainingOptions& o) { o.recompute = true; }, "recompute goes through");
  refused_option([](TrainingOptions& o) { o.sampling = 0.5; }, "sampling feeds a decoder");

  const auto refusal = [](const Batch<float>& batch, const Loss<float>& loss, const char* message) {
    Transducer<float> model(kSpec, kSymbols, 5);
    const GivenBatches<float> source({batch});
    ThreadPool pool(1);
    Trainer<float> trainer({.model = model, .loss = loss, .training = source, .pool = pool}, options_for(1));
    EXPECT_THAT([&] { trainer.run(); }, ThrowsMessage<Error>(HasSubstr(message)));
  };
  const TransducerLoss<float> loss(kSymbols + 1);
  const Batch<float> good = Signals(1).get(0, 0);
  refusal(good, Ctc<float>(kSymbols + 1), "use loss transducer of 4 classes");
  refusal(good, TransducerLoss<float>(7), "use loss transducer of 4 classes");
  Batch<float> bad = good;
  bad.carry.assign(kBatch, 1);
  refusal(bad, loss, "a transducer begins every pair anew");
  bad = good;
  bad.x = Sequences<float>(good.x.layout().lengths(), 2);
  refusal(bad, loss, "the encoder takes 3 inputs, the data has 2");
  bad = good;
  bad.x.values()[0] = std::numeric_limits<float>::quiet_NaN();
  refusal(bad, loss, "it begins in the input");
  bad = good;
  bad.targets.fill(kSymbols);
  refusal(bad, loss, "numbers of symbols, 0 to 2, got 3");
}

TEST(TransducerTraining, SaysWhereANumberThatIsNotFiniteBegins) {
  const auto begins = [](const std::string& parameter) {
    Transducer<float> model(kSpec, kSymbols, 5);
    model.update_weights([&](std::span<float> weights) {
      for (const Parameter& p : model.parameters().all())
        if (p.name == parameter) weights[p.offset] = std::numeric_limits<float>::quiet_NaN();
    });
    const TransducerLoss<float> loss(kSymbols + 1);
    const Signals source(1);
    ThreadPool pool(1);
    Trainer<float> trainer({.model = model, .loss = loss, .training = source, .pool = pool}, options_for(1));
    try {
      trainer.run();
    } catch (const TrainingError& error) {
      const std::string text = error.what();
      const std::size_t at = text.find("begins in");
      return text.substr(at, text.find(';', at) - at);
    }
    return std::string("nowhere");
  };
  EXPECT_EQ(begins("encoder.0.b"), "begins in encoder.0 (lstm)");
  EXPECT_EQ(begins("prediction.0.b"), "begins in prediction.0 (gru)");
  EXPECT_EQ(begins("output.b"), "begins in the joint network");
}

}  // namespace
}  // namespace carousel
