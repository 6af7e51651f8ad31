// Truncated back-propagation with windows that overlap, against Williams & Peng's written out.
#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "training/training_samples.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// Sequences of random numbers with random targets.
Batch<double> noise(const std::vector<std::size_t>& lengths) {
  Batch<double> batch{Sequences<double>(lengths, 1), Sequences<double>(lengths, 1), {}};
  const Random random(3, 1);
  for (std::size_t k = 0; k < batch.x.rows(); ++k) {
    batch.x.values()[k] = random.uniform(2 * k, -1, 1);
    batch.targets.values()[k] = random.uniform(2 * k + 1, -1, 1);
  }
  return batch;
}

std::vector<double> trained(const std::string& spec, const Batch<double>& batch, std::size_t tbptt,
                            std::size_t back, double rate) {
  Network<double> network(spec, 1, 5);
  ThreadPool pool(1);
  const LossPointer<double> loss = make_loss<double>("mse");
  const GivenBatches<double> data({batch});
  TrainingOptions options;
  options.epochs = 1, options.tbptt = tbptt, options.tbptt_back = back;
  options.optimizer.name = "sgd", options.schedule.learning_rate = rate;
  Trainer<double>({.model = network, .loss = *loss, .training = data, .pool = pool}, options).run();
  return {network.weights().begin(), network.weights().end()};
}

/// h_t = tanh(w x + r h + b), y = v h + a: every k1 steps, the errors of these back through the last k2.
std::vector<double> written_out(const Batch<double>& batch, std::size_t k1, std::size_t k2, double rate) {
  const Network<double> network("rnn 1, dense 1", 1, 5);
  std::vector<double> p(network.weights().begin(), network.weights().end());
  enum { w, r, b, v, a };
  const std::size_t T = batch.x.layout().length(0);
  const auto x = [&](std::size_t t) { return batch.x.at(0, t)[0]; };
  std::vector<double> h(T + 1, 0.0), left(T + 1, 0.0);  // before step t: of a window, and where one ended
  for (std::size_t begin = 0; begin < T; begin += k1) {
    const std::size_t end = std::min(begin + k1, T), first = begin + k1 > k2 ? begin + k1 - k2 : 0;
    double state = left[first];
    for (std::size_t t = first; t < end; ++t) {
      h[t] = state;
      h[t + 1] = state = std::tanh(p[w] * x(t) + p[r] * state + p[b]);
    }
    left[end] = state;
    std::vector<double> gradient(5, 0.0);
    double dh = 0;
    for (std::size_t t = end; t-- > first;) {
      if (t >= begin) {
        const double dy =
            2 * (p[v] * h[t + 1] + p[a] - batch.targets.at(0, t)[0]) / static_cast<double>(end - begin);
        gradient[v] += dy * h[t + 1], gradient[a] += dy;
        dh += dy * p[v];
      }
      const double ds = dh * (1 - h[t + 1] * h[t + 1]);
      gradient[w] += ds * x(t), gradient[r] += ds * h[t], gradient[b] += ds;
      dh = ds * p[r];
    }
    for (std::size_t k = 0; k < 5; ++k) p[k] -= rate * gradient[k];
  }
  return p;
}

TEST(Tbptt, OverlappingWindowsAreThoseWrittenOut) {
  const Batch<double> batch = noise({23});
  for (const auto& [k1, k2] :
       {std::pair<std::size_t, std::size_t>{1, 1}, {1, 4}, {3, 6}, {4, 12}, {5, 25}, {2, 100}, {4, 4}}) {
    const std::vector<double> found = trained("rnn 1, dense 1", batch, k1, k2, 0.3),
                              expected = written_out(batch, k1, k2, 0.3);
    for (std::size_t k = 0; k < expected.size(); ++k)
      EXPECT_NEAR(found[k], expected[k], 1e-13) << k1 << ", " << k2 << ", weight " << k;
  }
}

// With weights that hardly change, chunks whose gradients go back to the beginning add up to the whole.
TEST(Tbptt, WindowsBackToTheBeginningAddUpToTheWholeGradient) {
  const Batch<double> batch = noise({12, 12, 12});
  const double rate = 1e-7;
  for (const std::string spec : {"lstm 3, dense 1", "gru 3 learned_start=on, dense 1"}) {
    const Network<double> network(spec, 1, 5);
    const std::vector<double> whole = trained(spec, batch, 0, 0, rate),
                              chunks = trained(spec, batch, 3, 12, rate),
                              cut = trained(spec, batch, 3, 0, rate);
    double off = 0;
    for (std::size_t k = 0; k < whole.size(); ++k) {
      const double w = network.weights()[k];
      EXPECT_NEAR((chunks[k] - w) / rate, 4 * (whole[k] - w) / rate, 1e-5) << spec << ", weight " << k;
      off = std::max(off, std::abs((cut[k] - w) - 4 * (whole[k] - w)) / rate);
    }
    EXPECT_GT(off, 1e-3);
  }
}

TEST(Tbptt, WindowsAreWholeChunks) {
  for (const std::size_t tbptt : {0, 3, 5})
    EXPECT_THAT([&] { trained("rnn 1, dense 1", noise({9}), tbptt, 4, 0.1); },
                ThrowsMessage<SettingError>(HasSubstr("tbptt_back: found 4, expected a multiple of tbptt")));
}

}  // namespace
}  // namespace carousel
