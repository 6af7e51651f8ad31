// A small task for each kind of memory, with a ceiling on updates and on the error on sequences not trained
// on.
#include <gtest/gtest.h>

#include <cctype>
#include <functional>
#include <limits>

#include "base/random.h"
#include "training/batch_runner.h"
#include "training/trainer.h"

namespace carousel {
namespace {

/// Batches of 32 sequences of `steps` steps; `fill` makes sequence b from its own random numbers. Targets
/// that it leaves alone are missing.
class Made final : public BatchSource<float> {
 public:
  using Fill = std::function<void(const Random& random, std::size_t b, Batch<float>& batch)>;
  Made(std::size_t steps, std::size_t inputs, std::size_t targets, Fill fill)
      : steps_(steps), inputs_(inputs), targets_(targets), fill_(std::move(fill)) {}

  std::size_t batches(std::size_t) const override { return 25; }
  Batch<float> get(std::size_t epoch, std::size_t index) const override {
    const std::vector<std::size_t> lengths(32, steps_);
    Batch<float> batch{Sequences<float>(lengths, inputs_), Sequences<float>(lengths, targets_), {}};
    batch.targets.fill(std::numeric_limits<float>::quiet_NaN());
    for (std::size_t b = 0; b < 32; ++b) fill_(Random(seed, (epoch * 25 + index) * 32 + b), b, batch);
    return batch;
  }
  std::uint64_t seed = 1;

 private:
  std::size_t steps_, inputs_, targets_;
  Fill fill_;
};

/// Mean squared error on other sequences after so many updates of Adam.
double learnt(const std::string& spec, Made source, std::size_t updates, double rate) {
  const Batch<float> one = source.get(0, 0);
  Network<float> network(spec, one.x.features(), 3);
  const auto loss = make_loss<float>("mse", {});
  ThreadPool pool(1);
  TrainingOptions options;
  options.epochs = updates / 25;
  options.schedule.name = "cosine";
  options.schedule.learning_rate = rate;
  options.clip_norm = 1;
  Trainer<float>({network, *loss, source, nullptr, pool, nullptr}, options).run();
  source.seed = 2;
  return evaluate_loss(network, *loss, source, pool).mean();
}

/// The first of 15 values is 1 or -1 and must be told at the end; the others are noise.
Made first_symbol() {
  return {15, 1, 1, [](const Random& random, std::size_t b, Batch<float>& batch) {
            const float first = random.bits(0) % 2 == 0 ? 1.0f : -1.0f;
            batch.x.at(b, 0)[0] = first;
            for (std::size_t t = 1; t < 15; ++t)
              batch.x.at(b, t)[0] = static_cast<float>(random.uniform(t, -0.5, 0.5));
            batch.targets.at(b, 14)[0] = first;
          }};
}

class LstmMember : public ::testing::TestWithParam<std::string> {};

TEST_P(LstmMember, RemembersTheFirstSymbol) {
  EXPECT_LT(learnt(GetParam() + ", dense 1", first_symbol(), 300, 0.02), 0.05);
}

INSTANTIATE_TEST_SUITE_P(
    Names, LstmMember,
    ::testing::Values("lstm 10", "lstm_1997 10 cells_per_block=2", "peephole 10", "peephole_cell_feedback 10",
                      "coupled 10", "no_input_gate 10", "no_forget_gate 10", "no_output_gate 10",
                      "no_input_activation 10", "no_output_activation 10", "no_peepholes 10",
                      "full_gate_recurrence 10", "projected 12 projection=6", "lstm 10 layer_norm=on",
                      "lstm 10 peephole=full", "lstm 10 chrono=20 recurrent_start=orthogonal",
                      "lstm 10 zoneout_hidden=0.05 zoneout_cell=0.05", "lstm 10 variational_dropout=0.1",
                      "lstm 10 drop_connect=0.1", "lstm 10 weight_noise=0.02", "lstm 10 learned_start=on",
                      "gru 10 zoneout_hidden=0.05"),
    [](const auto& member) {
      std::string name = member.param;
      for (char& c : name)
        if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
      return name;
    });

// Nothing comes in: what must come out, and at which step, only the state before the first step can tell.
TEST(LearnedStart, HoldsWhatTheInputsDoNotSay) {
  const Made source(4, 1, 1, [](const Random&, std::size_t b, Batch<float>& batch) {
    for (std::size_t t = 0; t < 4; ++t) {
      batch.x.at(b, t)[0] = 0;
      batch.targets.at(b, t)[0] = t % 2 == 0 ? 0.5f : -0.5f;
    }
  });
  EXPECT_LT(learnt("lstm 4 bias=none learned_start=on, dense 1 bias=off", source, 300, 0.03), 0.01);
}

// Parity of what stood on an image's diagonal so far, told at each place of it; the other places are noise,
// which the network must learn to pass by.
TEST(MdLstm, FindsTheParityAlongADiagonal) {
  const Made source(1, 25, 25, [](const Random& random, std::size_t b, Batch<float>& batch) {
    float parity = 1;
    for (std::size_t place = 0; place < 25; ++place) {
      const bool set = random.bits(place) % 2 == 0, diagonal = place % 6 == 0;
      batch.x.at(b, 0)[place] =
          diagonal ? (set ? 1.0f : -1.0f) : static_cast<float>(random.uniform(place, -0.2, 0.2));
      if (!diagonal) continue;
      if (set) parity = -parity;
      batch.targets.at(b, 0)[place] = parity;
    }
  });
  EXPECT_LT(learnt("md_lstm 16 size=5x5 directions=one, dense 25", source, 1500, 0.01), 0.1);
}

// A bar of three places lies or stands anywhere in noise: which, told where each direction ends, behind a
// level of windows.
TEST(MdLstm, TellsABarThatLiesFromOneThatStands) {
  const Made source(1, 36, 1, [](const Random& random, std::size_t b, Batch<float>& batch) {
    const bool lies = random.bits(0) % 2 == 0;
    const std::size_t along = random.below(2, 4), across = random.below(4, 6);
    const std::span<float> image = batch.x.at(b, 0);
    for (std::size_t place = 0; place < 36; ++place)
      image[place] = static_cast<float>(random.uniform(10 + place, -0.2, 0.2));
    for (std::size_t k = along; k < along + 3; ++k) image[lies ? across * 6 + k : k * 6 + across] += 1;
    batch.targets.at(b, 0)[0] = lies ? 0.5f : -0.5f;
  });
  EXPECT_LT(
      learnt("md_lstm 4 size=6x6 window=2x1, md_lstm 8 size=3x6 output=last, dense 1", source, 300, 0.02),
      0.05);
}

// A square of 2 x 2 moves one place a step in one of four directions over an image without edges: the next
// image.
TEST(ConvLstm, SeesWhereASquareMoves) {
  const Made source(5, 36, 36, [](const Random& random, std::size_t b, Batch<float>& batch) {
    const std::size_t y = random.below(0, 6), x = random.below(2, 6), way = random.below(4, 4);
    const auto draw = [&](std::size_t t, std::span<float> image) {
      for (std::size_t part = 0; part < 4; ++part) {
        const std::size_t dy = way == 0 ? t : way == 1 ? 5 * t : 0, dx = way == 2 ? t : way == 3 ? 5 * t : 0;
        image[(y + dy + part / 2) % 6 * 6 + (x + dx + part % 2) % 6] = 1;
      }
    };
    for (std::size_t t = 0; t < 5; ++t) {
      std::ranges::fill(batch.x.at(b, t), 0.0f);
      draw(t, batch.x.at(b, t));
      if (t == 0) continue;  // one image does not tell where it moves
      std::ranges::fill(batch.targets.at(b, t), 0.0f);
      draw(t + 1, batch.targets.at(b, t));
    }
  });
  // All of it dark: 4 / 36 = 0.11.
  EXPECT_LT(learnt("conv_lstm 8 size=6x6, dense 36", source, 300, 0.01), 0.02);
}

}  // namespace
}  // namespace carousel
