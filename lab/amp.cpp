#include "lab/amp.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "data/audio.h"
#include "lab/signal.h"
#include "lab/task_run.h"
#include "losses/loss.h"
#include "model/interop/nam.h"
#include "training/trainer.h"

namespace carousel::lab {

namespace {

constexpr const char* kNetwork = "lstm 8, dense 1";
constexpr std::uint32_t kRate = 48'000;
constexpr std::uint64_t kMostSamples = std::uint64_t{1} << 24;
constexpr std::size_t kSequence = 1'000,
                      kUnjudged = 200;  // steps of a sequence; at first it does not know where it is
constexpr std::uint64_t kTraining = 0xA3B, kTests = 0xA3C;  // streams of random numbers

struct Signal {
  std::vector<float> x, y;
};

/// Pieces of a signal in an order that changes with the epoch.
class Pieces final : public BatchSource<float> {
 public:
  Pieces(const Signal& signal, float scale, std::uint64_t seed)
      : signal_(signal), scale_(scale), seed_(seed) {}

  std::size_t batches(std::size_t) const override { return signal_.x.size() / (kSequence * kBatch); }
  Batch<float> get(std::size_t epoch, std::size_t index) const override {
    std::vector<std::size_t> order(signal_.x.size() / kSequence);
    std::iota(order.begin(), order.end(), std::size_t{0});
    Random(seed_, epoch).shuffle(order);
    const std::vector<std::size_t> lengths(kBatch, kSequence);
    Batch<float> batch{Sequences<float>(lengths, 1), Sequences<float>(lengths, 1), {}};
    for (std::size_t b = 0; b < kBatch; ++b) {
      const std::size_t first = order[index * kBatch + b] * kSequence;
      for (std::size_t t = 0; t < kSequence; ++t) {
        batch.x.at(b, t)[0] = signal_.x[first + t];
        batch.targets.at(b, t)[0] = t < kUnjudged ? std::nanf("") : scale_ * signal_.y[first + t];
      }
    }
    return batch;
  }

 private:
  static constexpr std::size_t kBatch = 8;
  const Signal& signal_;
  float scale_;
  std::uint64_t seed_;
};

/// Sum of (y - mean)^2.
double energy(std::span<const float> y) {
  const double mean = std::accumulate(y.begin(), y.end(), 0.0) / static_cast<double>(y.size());
  double sum = 0;
  for (const float value : y) sum += (value - mean) * (value - mean);
  return sum;
}

double error_to_signal(const Network<float>& network, const Signal& signal, float scale, ThreadPool& pool) {
  const std::vector<float> ours = outputs_of(network, signal.x, pool);
  double error = 0;
  for (std::size_t t = 0; t < ours.size(); ++t)
    error += std::pow(static_cast<double>(ours[t]) / scale - signal.y[t], 2);
  return error / energy(signal.y);
}

TrainingOptions learning(std::uint64_t seed) {
  TrainingOptions options;
  options.epochs = 40;
  options.schedule.name = "cosine";
  options.schedule.learning_rate = 0.01;
  options.clip_norm = 1;
  options.seed = seed;
  return options;
}

Outcome run_amp(const Context& context, std::uint64_t seed) {
  ThreadPool& pool = *context.pool;
  const std::string file = data_file(context, "nam/lstm.nam");
  const Network<float> amplifier = network_of<float>(read_nam(file), file);
  const auto through = [&](std::vector<float> x) {
    Signal signal{std::move(x), {}};
    signal.y = outputs_of(amplifier, signal.x, pool);
    return signal;
  };
  const Signal training = through(plucked_strings(seed ^ kTraining << 32, 10 * kRate, kRate));
  const auto scale =
      static_cast<float>(std::sqrt(static_cast<double>(training.y.size()) / energy(training.y)));

  Network<float> network(kNetwork, 1, seed);
  const LossPointer<float> loss = make_loss<float>("mse");
  const Pieces pieces(training, scale, seed);
  ContextRunSink sink(context);
  Trainer<float> trainer({.model = network, .loss = *loss, .training = pieces, .pool = pool, .sink = &sink},
                         learning(seed));
  const TrainingResult result = trainer.run();

  const Signal strings = through(plucked_strings(seed ^ kTests << 32, 4 * kRate, kRate));
  const Signal given =
      through(read_audio(data_file(context, "nam/input.wav"), {.rate = kRate}, kMostSamples).samples);
  return judged(
      result,
      std::max(error_to_signal(network, strings, scale, pool), error_to_signal(network, given, scale, pool)),
      0.01);
}

}  // namespace

std::vector<float> plucked_strings(std::uint64_t seed, std::size_t samples, std::uint32_t rate) {
  std::vector<float> sound(samples);
  const Random random(seed, 0x57);
  std::uint64_t drawn = 0;
  for (std::size_t begin = 0; begin < samples;) {
    // Three octaves, of which lower ones are drawn as often as higher ones.
    const double frequency = 82.4 * std::exp2(random.uniform(drawn++, 0, 3));
    const double loudness = 0.5 * std::exp2(random.uniform(drawn++, -4, 0));
    const double pulled_at = random.uniform(drawn++, 0.1, 0.5);
    std::vector<double> string(static_cast<std::size_t>(rate / frequency));
    for (std::size_t k = 0; k < string.size(); ++k) {
      const double at = static_cast<double>(k) / static_cast<double>(string.size());
      string[k] = loudness * (2 * std::min(at / pulled_at, (1 - at) / (1 - pulled_at)) - 1);
    }
    const std::size_t end = std::min(samples, begin + rate);
    for (std::size_t t = begin, k = 0; t < end; ++t, k = (k + 1) % string.size()) {
      sound[t] += static_cast<float>(string[k]);
      string[k] = 0.499 * (string[k] + string[(k + 1) % string.size()]);
    }
    begin += static_cast<std::size_t>(rate * random.uniform(drawn++, 0.5, 0.9));
  }
  return sound;
}

const Experiment kAmp =
    of_a_task({.name = "amp",
               .what = "imitates a guitar amplifier's model, itself an LSTM: lstm 8 learns from 10 s of "
                       "plucked strings that go through it",
               .source = "Wright, Damskagg & Valimaki, DAFx 2019",
               .figure = "error to signal",
               .published = "no figure",
               .gate = "at most 1 %",
               .data = "nam/lstm.nam, nam/input.wav (sdatkinson/NeuralAmpModelerCore, MIT)",
               .run = run_amp});

}  // namespace carousel::lab
