// Dropout with one mask a sequence (Gal & Ghahramani, NIPS 2016), of what is fed back and of a layer's
// inputs: which values the mask has, where it acts and how long it lasts.
#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <vector>

#include "contract/problem.h"
#include "family/masks.h"
#include "family/plain_lstm.h"

namespace carousel::testing {
namespace {

constexpr std::size_t kInputs = 3, kHidden = 200;
const std::vector<std::size_t> kLengths = {6, 1, 9};
constexpr double kRate = 0.3, kScale = 1 / (1 - kRate);

/// Masks with the share asked for, drawn for each sequence, update and seed by itself. 200 units each: the
/// deviation of a share is 0.032.
void expect_drawn_anew(const Masks& masks, const Masks& next_update, const Masks& other_seed) {
  for (std::size_t b = 0; b < masks.size(); ++b) {
    EXPECT_NEAR(share(masks[b]), kRate, 0.1) << b;
    EXPECT_NEAR(common(masks[b], masks[(b + 1) % masks.size()]), kRate * kRate, 0.08) << b;
    EXPECT_NEAR(common(masks[b], next_update[b]), kRate * kRate, 0.08) << b;
    EXPECT_NEAR(common(masks[b], other_seed[b]), kRate * kRate, 0.08) << b;
  }
}

/// An LSTM whose R has diagonals alone, so that of what is fed back a unit sees itself only, and whether it
/// was dropped shows in its next h.
struct SelfFed {
  SelfFed() : problem({"v", "lstm 200 variational_dropout=0.3", kInputs}, kLengths) {
    problem.network.update_weights([&](std::span<double> weights) {
      fill(weights, 9);
      for (const Parameter& p : problem.network.parameters().all())
        if (p.name.ends_with(".R"))
          for (std::size_t i = 0; i < p.shape.size(); ++i)
            if (i / kHidden % kHidden != i % kHidden) weights[p.offset + i] = 0;
    });
  }

  /// Which units were dropped, one mask a sequence (Masks: of each), under which the outputs of a pass at
  /// every step and its last c are expected to be the plain loop's.
  Masks masks(const Pass& pass) const {
    Sequences<double> y;
    Tensor<double> state = problem.state;
    const auto trace = problem.network.make_trace();
    problem.network.forward(pass, problem.x, state.matrix(), y, *trace);
    Masks result;
    for (std::size_t b = 0; b < kLengths.size(); ++b)
      result.push_back(mask_of(b, y, state.matrix().row_span(b)));
    return result;
  }

  Mask mask_of(std::size_t b, const Sequences<double>& y, std::span<const double> last) const {
    const std::span<const double> start = problem.state.matrix().row_span(b);
    std::vector<double> h = copy(start.first(kHidden)), c = copy(start.last(kHidden));
    std::vector<std::optional<bool>> dropped(kHidden);
    PlainLstm plain(problem.network);
    for (std::size_t t = 0; t < kLengths[b]; ++t) {
      std::vector<double> scaled(h);
      for (double& value : scaled) value *= kScale;
      const PlainLstm::State with = plain.step(problem.x.at(b, t), scaled, c),
                             without = plain.step(problem.x.at(b, t), std::vector<double>(kHidden), c);
      const std::span<const double> found = y.at(b, t);
      for (std::size_t j = 0; j < kHidden; ++j) {
        if (!dropped[j]) dropped[j] = std::abs(found[j] - without.h[j]) < std::abs(found[j] - with.h[j]);
        EXPECT_NEAR(found[j], *dropped[j] ? without.h[j] : with.h[j], 1e-13) << t << ", " << j;
        c[j] = *dropped[j] ? without.c[j] : with.c[j];
      }
      h = copy(found);  // what is put out, and fed back, is not masked
    }
    Mask result(kHidden);
    for (std::size_t j = 0; j < kHidden; ++j) {
      result[j] = *dropped[j];
      EXPECT_NEAR(last[kHidden + j], c[j], 1e-13) << j;
    }
    return result;
  }

  Problem<double> problem;
};

TEST(VariationalDropout, OneMaskASequenceLiesOnWhatEntersTheProductsAndNowhereElse) {
  const SelfFed fed;
  ThreadPool pool(2);
  const Masks masks = fed.masks({.pool = &pool, .training = true, .seed = 3, .update = 5});
  expect_drawn_anew(masks, fed.masks({.pool = &pool, .training = true, .seed = 3, .update = 6}),
                    fed.masks({.pool = &pool, .training = true, .seed = 4, .update = 5}));
  // The same in a pass that goes on in the middle of the sequences.
  EXPECT_EQ(masks, fed.masks({.pool = &pool, .training = true, .first_step = 7, .seed = 3, .update = 5}));
}

/// What comes to one unit from all others is their h, each with the mask that it has for itself.
TEST(VariationalDropout, AMaskedUnitIsMaskedForAllThatItLeadsTo) {
  SelfFed fed;
  ThreadPool pool(1);
  const Pass pass{.pool = &pool, .training = true, .seed = 3, .update = 5};
  const Masks masks = fed.masks(pass);
  Network<double>& network = fed.problem.network;
  network.update_weights([](std::span<double> weights) { fill(weights, 10); });  // all of R
  Sequences<double> y;
  Tensor<double> state = fed.problem.state;
  const auto trace = network.make_trace();
  network.forward(pass, fed.problem.x, state.matrix(), y, *trace);
  PlainLstm plain(network);
  for (std::size_t b = 0; b < kLengths.size(); ++b) {
    const std::span<const double> start = fed.problem.state.matrix().row_span(b);
    PlainLstm::State now{copy(start.first(kHidden)), copy(start.last(kHidden))};
    for (std::size_t t = 0; t < kLengths[b]; ++t) {
      for (std::size_t j = 0; j < kHidden; ++j) now.h[j] *= masks[b][j] ? 0 : kScale;
      now = plain.step(fed.problem.x.at(b, t), now.h, now.c);
      for (std::size_t j = 0; j < kHidden; ++j) EXPECT_NEAR(y.at(b, t)[j], now.h[j], 1e-10) << t << ", " << j;
    }
  }
}

TEST(VariationalDropout, NothingIsMaskedOutsideTraining) {
  const Problem<double> plain({"plain", "lstm 7", kInputs}, kLengths),
      dropping({"dropping", "lstm 7 variational_dropout=0.3", kInputs}, kLengths);
  const Outcome<double> a = plain.run(1, false), b = dropping.run(1, false);
  EXPECT_TRUE(same_bits(a.y.values(), b.y.values()));
  EXPECT_TRUE(same_bits(a.state.span(), b.state.span()));
}

/// A dropout layer's masks, expected to be the same at each step, with the values kept scaled, and to act
/// backward as they do forward.
Masks layer_masks(const Problem<double>& problem, const Pass& pass) {
  const Outcome<double> out = problem.run(pass);
  Masks result;
  for (std::size_t b = 0; b < kLengths.size(); ++b) {
    Mask& mask = result.emplace_back(problem.x.features());
    for (std::size_t t = 0; t < kLengths[b]; ++t)
      for (std::size_t j = 0; j < mask.size(); ++j) {
        const double y = out.y.at(b, t)[j];
        if (t == 0) mask[j] = y == 0;
        EXPECT_DOUBLE_EQ(y, mask[j] ? 0 : problem.x.at(b, t)[j] * kScale) << t << ", " << j;
        EXPECT_DOUBLE_EQ(out.dx.at(b, t)[j], mask[j] ? 0 : problem.dy.at(b, t)[j] * kScale);
      }
  }
  return result;
}

TEST(DropoutLayer, VariationalHasTheSameMaskAtEachStepOfASequence) {
  const Problem<double> problem({"d", "dropout 0.3 variational=on", 200}, kLengths);
  ThreadPool pool(2);
  const Masks masks = layer_masks(problem, {.pool = &pool, .training = true, .seed = 3, .update = 5});
  expect_drawn_anew(masks, layer_masks(problem, {.pool = &pool, .training = true, .seed = 3, .update = 6}),
                    layer_masks(problem, {.pool = &pool, .training = true, .seed = 4, .update = 5}));
  EXPECT_EQ(masks,
            layer_masks(problem, {.pool = &pool, .training = true, .first_step = 7, .seed = 3, .update = 5}));
}

TEST(DropoutLayer, OtherwiseDrawsAMaskForEveryStep) {
  const Problem<double> problem({"d", "dropout 0.3", 200}, kLengths);
  const Outcome<double> out = problem.run(1);
  for (std::size_t t = 1; t < kLengths[2]; ++t) {
    std::size_t both = 0;
    for (std::size_t j = 0; j < 200; ++j) both += out.y.at(2, t)[j] == 0 && out.y.at(2, t - 1)[j] == 0;
    EXPECT_NEAR(static_cast<double>(both) / 200, kRate * kRate, 0.08) << t;
  }
}

}  // namespace
}  // namespace carousel::testing
