#include "lab/moving_digits.h"

#include <algorithm>
#include <cmath>

#include "lab/bouncing_digits.h"
#include "lab/task_run.h"
#include "losses/loss.h"
#include "training/trainer.h"

namespace carousel::lab {

namespace {

constexpr std::size_t kSeen = 10, kTold = 10, kSteps = kSeen + kTold - 1;
constexpr std::size_t kBatch = 16, kTestBatches = 32, kImages = 50'000;
constexpr double kSeconds = 300;  // of learning

// 85,184 and 89,288 parameters.
constexpr const char* kConvolutional = "conv_lstm 32 size=8x8, conv_lstm 16 size=8x8, layer_norm";
constexpr const char* kDense = "lstm 17, dense 1024";

/// Films, each new, that begin again for epoch 0.
class Films final : public BatchSource<float> {
 public:
  Films(const BouncingDigits& digits, std::uint64_t seed, std::size_t batches)
      : digits_(digits), seed_(seed), batches_(batches) {}

  std::size_t batches(std::size_t) const override { return batches_; }
  /// Frame t + 1 is to be told at step t, from the last frame that is seen on.
  Batch<float> get(std::size_t epoch, std::size_t index) const override {
    constexpr std::size_t kPixels = BouncingDigits::kPixels;
    const std::vector<std::size_t> lengths(kBatch, kSteps);
    Batch<float> batch{Sequences<float>(lengths, kPixels), Sequences<float>(lengths, kPixels), {}};
    batch.targets.fill(std::nanf(""));
    std::vector<float> film((kSteps + 1) * kPixels);
    for (std::size_t b = 0; b < kBatch; ++b) {
      digits_.draw({seed_, (epoch * batches_ + index) * kBatch + b}, kSteps + 1, film);
      const auto frame = [&](std::size_t t) { return std::span(film).subspan(t * kPixels, kPixels); };
      for (std::size_t t = 0; t < kSeen; ++t) std::ranges::copy(frame(t), batch.x.at(b, t).begin());
      for (std::size_t t = kSeen - 1; t < kSteps; ++t)
        std::ranges::copy(frame(t + 1), batch.targets.at(b, t).begin());
    }
    return batch;
  }

 private:
  const BouncingDigits& digits_;
  std::uint64_t seed_;
  std::size_t batches_;
};

struct Learned {
  TrainingResult result;
  double nats;  ///< a frame of the test
};

Learned learn(const Context& context, const char* spec, std::uint64_t seed) {
  const BouncingDigits digits(data_file(context, "train-images-idx3-ubyte.gz"), kImages);
  const BouncingDigits others(data_file(context, "t10k-images-idx3-ubyte.gz"), kImages);
  const Films training(digits, seed, 100), test(others, seed, kTestBatches);
  Network<float> network(spec, BouncingDigits::kPixels, seed);
  const LossPointer<float> loss = make_loss<float>("bernoulli");
  TrainingOptions options;
  options.epochs = 100'000;  // more than there is time for
  options.time_limit_seconds = kSeconds;
  options.schedule.learning_rate = 0.003;
  options.clip_norm = 1;
  options.seed = seed;
  ContextRunSink sink(context);
  Trainer<float> trainer(
      {.model = network, .loss = *loss, .training = training, .pool = *context.pool, .sink = &sink}, options);
  TrainingResult result = trainer.run();
  return {std::move(result), evaluate_loss(network, *loss, test, *context.pool).mean()};
}

Outcome run_moving_digits(const Context& context, std::uint64_t seed) {
  const Learned convolutional = learn(part_of(context, 0, 0.5), kConvolutional, seed);
  const Learned dense = learn(part_of(context, 0.5, 1), kDense, seed);
  return judged(dense.result, convolutional.nats / dense.nats, 0.85);
}

}  // namespace

const Experiment kMovingDigits{
    .name = "moving_digits",
    .what =
        "tells the next ten frames of two digits that bounce about: conv_lstm 32 beside an lstm of no fewer "
        "parameters, five minutes each; frames of 32 x 32 in place of the paper's 64 x 64",
    .source = "Shi, Chen, Wang, Yeung, Wong & Woo, NIPS 2015",
    .figure = "cross-entropy over the lstm's",
    .published = "3670.85 beside 4832.49, which is 0.76",
    .gate = "at most 0.85",
    .seeds = 1,
    .needed = 1,
    .by_sequences = false,
    .data = "train-images-idx3-ubyte.gz, t10k-images-idx3-ubyte.gz (MNIST, CC BY-SA 3.0)",
    .shares_threads = true,
    .run = run_moving_digits};

}  // namespace carousel::lab
