// An encoder-decoder in the hands of the Trainer.
#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "losses/cross_entropy.h"
#include "support/same_bits.h"
#include "training/training_samples.h"

namespace carousel {
namespace {

using carousel::testing::same_bits;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr std::size_t kSymbols = 4, kBatches = 6;

/// Sources of two features, some empty, and ragged targets of other lengths.
class Pairs final : public BatchSource<float> {
 public:
  explicit Pairs(std::uint64_t seed) : seed_(seed) {}
  std::size_t batches(std::size_t) const override { return kBatches; }
  Batch<float> get(std::size_t epoch, std::size_t index) const override {
    const Random random(seed_, 1000 * epoch + index);
    std::uint64_t at = 0;
    std::vector<std::size_t> sources(5), targets(5);
    for (std::size_t& length : sources) length = random.below(at++, 8);
    for (std::size_t& length : targets) length = random.below(at++, 5);
    Batch<float> batch{Sequences<float>(sources, 2), Sequences<float>(targets, 1), {}};
    for (float& x : batch.x.values()) x = static_cast<float>(random.uniform(at++, -1, 1));
    for (float& y : batch.targets.values()) y = static_cast<float>(random.below(at++, kSymbols));
    return batch;
  }

 private:
  std::uint64_t seed_;
};

const std::string kSpec =
    "encoder_decoder(encoder(bidirectional(gru 4 drop_connect=0.2), dropout 0.1), decoder(lstm 5 "
    "zoneout_cell=0.2 weight_noise=0.05)) symbols=4 embedding=3 attention_width=6";

TrainingOptions options_for(double sampling) {
  TrainingOptions options;
  options.epochs = 3;
  options.schedule.learning_rate = 0.02;
  options.clip_norm = 1;
  options.seed = 77;
  options.sampling = sampling;
  options.checkpoint_seconds = 1e9;
  return options;
}

struct Trained {
  std::vector<float> weights;
  TrainingResult result;
};

Trained train(const TrainingOptions& options, std::size_t threads = 1, ProgressSink* sink = nullptr,
              const std::string& from = "", const std::string& spec = kSpec) {
  EncoderDecoder<float> model(spec, 2, 5);
  const Pairs training(8), validation(9);
  const CrossEntropy<float> loss(kSymbols + 1);
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

/// The same by hand: noise, forward, loss, backward, clip, Adam.
std::vector<float> by_hand(double sampling) {
  EncoderDecoder<float> model(kSpec, 2, 5);
  const Pairs training(8);
  const CrossEntropy<float> loss(kSymbols + 1);
  ThreadPool pool(1);
  const auto adam = make_optimizer<float>({}, model.weights().size());
  EncoderDecoderTrace<float> trace = model.make_trace();
  Sequences<float> logits, dlogits;
  std::vector<float> gradient(model.weights().size());
  constexpr std::size_t kUpdates = 3 * kBatches;
  for (std::size_t update = 0; update < kUpdates; ++update) {
    const std::size_t epoch = update / kBatches;
    const Batch<float> batch = training.get(epoch, update % kBatches);
    const Pass pass{.pool = &pool, .training = true, .seed = 77, .update = update};
    model.perturb(pool, 77, update);
    // The run's share that is done, as epochs and batches.
    const double done = (static_cast<double>(epoch) +
                         static_cast<double>(update % kBatches) / static_cast<double>(kBatches)) /
                        3.0;
    model.forward(pass, batch.x, batch.targets, sampling * done, logits, trace);
    dlogits.reshape(logits.layout_pointer(), logits.features());
    Sequences<float> expected(logits.layout_pointer(), 1);
    model.with_end(batch.targets, expected);
    loss.evaluate(std::as_const(logits).matrix(), expected.matrix(), dlogits.matrix());
    std::ranges::fill(gradient, 0.0f);
    model.backward(pass, batch.x, dlogits, nullptr, gradient, trace);
    model.unperturb_gradient(pool, 77, update, gradient);
    clip_by_norm<float>(gradient, 1);
    model.update_weights([&](std::span<float> weights) { adam->step(weights, gradient, 0.02); });
  }
  return {model.weights().begin(), model.weights().end()};
}

TEST(EncoderDecoderTraining, IsForwardLossBackwardAndUpdateWithTheWeightsNoise) {
  for (const double sampling : {0.0, 0.7}) {
    EncoderDecoder<float> model(kSpec, 2, 5);
    const Pairs training(8);
    const CrossEntropy<float> loss(kSymbols + 1);
    ThreadPool pool(1);
    Trainer<float>({.model = model, .loss = loss, .training = training, .pool = pool}, options_for(sampling))
        .run();
    EXPECT_TRUE(same_bits(by_hand(sampling), model.weights())) << sampling;
  }
}

TEST(EncoderDecoderTraining, SamplingChangesWhatIsLearnt) {
  EXPECT_FALSE(same_bits(train(options_for(0)).weights, train(options_for(0.7)).weights));
}

TEST(EncoderDecoderTraining, ThreadsDoNotShowInTheBits) {
  // Wide enough that threads share products, attention and noise.
  const std::string wide =
      "encoder_decoder(encoder(bidirectional(gru 48 drop_connect=0.2), dropout 0.1), decoder(lstm 96 "
      "zoneout_cell=0.2 weight_noise=0.05)) symbols=4 embedding=32";
  const Trained one = train(options_for(0.5), 1, nullptr, "", wide);
  for (const std::size_t threads : {2, 3, 8}) {
    const Trained more = train(options_for(0.5), threads, nullptr, "", wide);
    EXPECT_TRUE(same_bits(one.weights, more.weights)) << threads;
    EXPECT_EQ(one.result.best_validation_loss, more.result.best_validation_loss) << threads;
  }
}

TEST(EncoderDecoderTraining, GoesOnFromACheckpointToTheBit) {
  const std::string folder = ::testing::TempDir() + "carousel_pairs_" + std::to_string(::getpid());
  std::filesystem::create_directories(folder);
  TrainingOptions options = options_for(0.7);
  options.schedule.name = "plateau";
  options.schedule.plateau_epochs = 1;
  const Trained whole = train(options);
  for (const std::size_t stop_after : {1, 6, 8, 17}) {
    RecordingSink stop(stop_after), rest;
    options.checkpoint_path = folder + "/checkpoint";
    EXPECT_EQ(train(options, 1, &stop).result.stopped, StopReason::interrupted);
    const Trained resumed = train(options, 2, &rest, options.checkpoint_path);
    EXPECT_TRUE(same_bits(whole.weights, resumed.weights)) << stop_after;
    EXPECT_EQ(whole.result.best_validation_loss, resumed.result.best_validation_loss) << stop_after;
  }
  std::filesystem::remove_all(folder);
}

TEST(EncoderDecoderTraining, StopsWhereValidationGetsNoBetterAndKeepsTheBest) {
  TrainingOptions options = options_for(0);
  options.epochs = 200;
  options.patience = 3;
  const Trained run = train(options);
  EXPECT_EQ(run.result.stopped, StopReason::patience);
  EXPECT_EQ(run.result.history.size(), run.result.best_epoch + 3);
  EncoderDecoder<float> best(kSpec, 2, 1);
  best.set_weights(run.weights);
  ThreadPool pool(1);
  EXPECT_EQ(evaluate_loss(best, CrossEntropy<float>(kSymbols + 1), Pairs(9), pool).mean(),
            run.result.best_validation_loss);
}

TEST(EncoderDecoderTraining, OptionsThatWouldCutPairsAreRefused) {
  const auto refusal = [](auto change, const char* message) {
    TrainingOptions options = options_for(0);
    change(options);
    EXPECT_THAT([&] { train(options); }, ThrowsMessage<SettingError>(HasSubstr(message)));
  };
  refusal([](TrainingOptions& o) { o.tbptt = 4; }, "tbptt cuts sequences");
  refusal([](TrainingOptions& o) { o.truncate = 4; }, "truncate cuts sequences");
  refusal([](TrainingOptions& o) { o.recompute = true; }, "recompute cuts sequences");
  refusal([](TrainingOptions& o) { o.sampling = 1.5; },
          "sampling must be a probability from 0 to 1, got 1.5");

  Network<float> network("lstm 3, dense 1", 2);
  const DecayingSums<float> source(1, 2);
  const auto mse = make_loss<float>("mse");
  ThreadPool pool(1);
  TrainingOptions options;
  options.sampling = 0.1;
  EXPECT_THAT(
      [&] { Trainer<float>({.model = network, .loss = *mse, .training = source, .pool = pool}, options); },
      ThrowsMessage<SettingError>(AllOf(HasSubstr("sampling"), HasSubstr("encoder_decoder"))));
}

TEST(EncoderDecoderTraining, PairsThatDoNotFitAreRefused) {
  const auto refusal = [](const Batch<float>& batch, const Loss<float>& loss, const char* message) {
    EncoderDecoder<float> model(kSpec, 2, 5);
    const GivenBatches<float> source({batch});
    ThreadPool pool(1);
    Trainer<float> trainer({.model = model, .loss = loss, .training = source, .pool = pool}, options_for(0));
    EXPECT_THAT([&] { trainer.run(); }, ThrowsMessage<Error>(HasSubstr(message)));
  };
  const CrossEntropy<float> loss(kSymbols + 1);
  const Batch<float> good = Pairs(1).get(0, 0);
  Batch<float> bad = good;
  bad.carry.assign(5, 1);
  refusal(bad, loss, "an encoder_decoder begins every pair anew");
  bad = good;
  bad.x = Sequences<float>(good.x.layout().lengths(), 3);
  refusal(bad, loss, "the encoder takes 2 inputs, the data has 3");
  bad = good;
  bad.targets = Sequences<float>(good.targets.layout().lengths(), 2);
  refusal(bad, loss, "targets are one symbol a step, the data has 2 values");
  bad = good;
  bad.targets = Sequences<float>({2, 1, 1, 1}, 1);
  refusal(bad, loss, "a batch of 5 sources has 4 targets");
  bad = good;
  bad.targets.fill(4);
  refusal(bad, loss, "numbers of symbols, 0 to 3, got 4");
  refusal(good, CrossEntropy<float>(7), "use cross_entropy of 5 classes");
  bad = good;
  bad.x.values()[0] = std::numeric_limits<float>::quiet_NaN();
  refusal(bad, loss, "it begins in the input");
}

TEST(EncoderDecoderTraining, SaysWhereANumberThatIsNotFiniteBegins) {
  const auto begins = [](const std::string& spec, const std::string& parameter) {
    EncoderDecoder<float> model(spec, 2, 5);
    model.update_weights([&](std::span<float> weights) {
      for (const Parameter& p : model.parameters().all())
        if (p.name == parameter) weights[p.offset] = std::numeric_limits<float>::quiet_NaN();
    });
    const CrossEntropy<float> loss(kSymbols + 1);
    const Pairs source(1);
    ThreadPool pool(1);
    Trainer<float> trainer({.model = model, .loss = loss, .training = source, .pool = pool}, options_for(0));
    try {
      trainer.run();
    } catch (const TrainingError& error) {
      const std::string text = error.what();
      const std::size_t at = text.find("begins in");
      return text.substr(at, text.find(';', at) - at);
    }
    return std::string("nowhere");
  };
  EXPECT_EQ(begins(kSpec, "bridge.b"), "begins in the bridge");
  EXPECT_EQ(begins("encoder_decoder(encoder(lstm 3), decoder(lstm 4 learned_start=on)) symbols=4 bridge=none",
                   "decoder.0.start"),
            "begins in the decoder's start");
}

}  // namespace
}  // namespace carousel
