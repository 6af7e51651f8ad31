// The search of transducers against the loss, which sums over all paths, and against a greedy walk.
#include "model/transducer_search.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>

#include "losses/transducer_loss.h"
#include "model/transducer.h"
#include "model/transducer_testing.h"

namespace carousel {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class TransducerSearchTest : public ::testing::TestWithParam<TransducerMember> {};

/// -loss of a target for source b.
double log_probability(const Transducer<double>& model, const Sequences<double>& x, std::size_t b,
                       const std::vector<std::size_t>& symbols) {
  ThreadPool pool(1);
  TransducerTrace<double> trace = model.make_trace();
  Sequences<double> targets({symbols.size()}, 1), logits;
  for (std::size_t u = 0; u < symbols.size(); ++u) targets.at(0, u)[0] = static_cast<double>(symbols[u]);
  model.forward({.pool = &pool}, only(x, {b}), targets, logits, trace);
  return -TransducerLoss<double>(model.symbols() + 1).evaluate_sequences(pool, logits, targets, nullptr).sum;
}

// Two symbols, two or three steps, at most 2 or 3 a step: all of them fit into the beam.
TEST_P(TransducerSearchTest, AWideSearchFindsTheProbabilityOfTheLoss) {
  std::string spec = GetParam().spec;
  spec.replace(spec.find("symbols=4"), 9, "symbols=2");
  Transducer<double> model(spec, kInputs);
  shake(model);
  const Sequences<double> x = some_sources<double>({2, 0, 1});
  ThreadPool pool(2);
  const auto found = model.search(pool, x, {.width = 200, .max_a_step = 3});
  for (std::size_t b = 0; b < 3; ++b) {
    const std::size_t steps = model.output_length(x.layout().length(b));
    std::size_t expected = 1, power = 1;  // sequences of up to 3 symbols a step
    for (std::size_t n = 0; n < 3 * steps; ++n) expected += power *= 2;
    EXPECT_EQ(found[b].size(), std::min<std::size_t>(expected, 200));
    for (const TransducerHypothesis& h : found[b]) {
      ASSERT_EQ(h.steps.size(), h.symbols.size());
      EXPECT_TRUE(std::ranges::is_sorted(h.steps));
      // Beyond three, some paths put out more at one step than the search allows.
      if (h.symbols.size() > 3) continue;
      EXPECT_NEAR(h.log_probability, log_probability(model, x, b, h.symbols), 1e-12) << h.symbols.size();
    }
    EXPECT_TRUE(
        std::ranges::is_sorted(found[b], std::ranges::greater(), &TransducerHypothesis::log_probability));
  }
}

TEST_P(TransducerSearchTest, ABonusForSymbolsRanksAndLeavesProbabilitiesAlone) {
  std::string spec = GetParam().spec;
  spec.replace(spec.find("symbols=4"), 9, "symbols=2");
  Transducer<double> model(spec, kInputs);
  shake(model);
  const Sequences<double> x = some_sources<double>({2});
  ThreadPool pool(1);
  for (const double bonus : {1.5, -2.0}) {
    const auto found = model.search(pool, x, {.width = 200, .max_a_step = 3, .symbol_bonus = bonus});
    std::size_t checked = 0;
    for (const TransducerHypothesis& h : found[0]) {
      EXPECT_NEAR(h.score, h.log_probability + bonus * static_cast<double>(h.symbols.size()), 1e-12);
      if (h.symbols.size() > 3) continue;
      EXPECT_NEAR(h.log_probability, log_probability(model, x, 0, h.symbols), 1e-12);
      ++checked;
    }
    EXPECT_GT(checked, 10u);
    EXPECT_TRUE(std::ranges::is_sorted(found[0], std::ranges::greater(), &TransducerHypothesis::score));
  }
}

INSTANTIATE_TEST_SUITE_P(Members, TransducerSearchTest, ::testing::ValuesIn(transducers()),
                         [](const auto& member) { return member.param.name; });

/// The likeliest next symbol or blank of a path, node by node, on the logits of whole passes.
TransducerHypothesis greedy(const Transducer<double>& model, const Sequences<double>& x,
                            std::size_t max_a_step) {
  ThreadPool pool(1);
  TransducerTrace<double> trace = model.make_trace();
  TransducerHypothesis path{{}, {}, 0};
  const std::size_t time = model.output_length(x.layout().length(0));
  for (std::size_t t = 0, put_out = 0; t < time;) {
    Sequences<double> targets({path.symbols.size()}, 1), logits;
    for (std::size_t u = 0; u < path.symbols.size(); ++u)
      targets.at(0, u)[0] = static_cast<double>(path.symbols[u]);
    model.forward({.pool = &pool}, x, targets, logits, trace);
    const auto row = std::as_const(logits).at(0, t * (path.symbols.size() + 1) + path.symbols.size());
    double sum = 0;
    for (const double p : row) sum += std::exp(p);
    std::size_t best = static_cast<std::size_t>(std::ranges::max_element(row) - row.begin());
    if (put_out == max_a_step) best = model.symbols();
    path.log_probability += row[best] - std::log(sum);
    if (best == model.symbols()) {
      ++t, put_out = 0;
      continue;
    }
    path.symbols.push_back(best), path.steps.push_back(t), ++put_out;
  }
  return path;
}

TEST(TransducerSearch, OfWidthOneIsTheGreedyOne) {
  Transducer<double> model(transducers()[0].spec, kInputs);
  std::size_t symbols = 0;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    model.update_weights([&](std::span<double> w) {
      const Random random(4, seed);
      for (std::size_t i = 0; i < w.size(); ++i) w[i] = random.uniform(i, -1.5, 1.5);
    });
    const Sequences<double> x = some_sources<double>({6});
    ThreadPool pool(1);
    const auto found = model.search(pool, x, {.width = 1, .max_a_step = 2});
    const TransducerHypothesis expected = greedy(model, x, 2);
    ASSERT_EQ(found[0].size(), 1u);
    EXPECT_EQ(found[0][0].symbols, expected.symbols);
    EXPECT_EQ(found[0][0].steps, expected.steps);
    EXPECT_NEAR(found[0][0].log_probability, expected.log_probability, 1e-12);
    symbols += expected.symbols.size();
  }
  EXPECT_GT(symbols, 5u);
}

TEST(TransducerSearch, ThreadsDoNotShow) {
  Transducer<float> model(transducers()[0].spec, kInputs);
  shake(model);
  const Sequences<float> x = some_sources<float>(kSources);
  ThreadPool one(1);
  const auto expected = model.search(one, x, {.width = 4});
  for (const std::size_t threads : {2, 3, 8}) {
    ThreadPool pool(threads);
    const auto found = model.search(pool, x, {.width = 4});
    for (std::size_t b = 0; b < expected.size(); ++b)
      for (std::size_t n = 0; n < expected[b].size(); ++n) {
        EXPECT_EQ(found[b][n].symbols, expected[b][n].symbols);
        EXPECT_EQ(found[b][n].steps, expected[b][n].steps);
        EXPECT_EQ(found[b][n].log_probability, expected[b][n].log_probability);
      }
  }
}

TEST(TransducerSearch, RefusesWhatCannotBe) {
  Transducer<float> model(transducers()[0].spec, kInputs);
  ThreadPool pool(1);
  Sequences<float> x = some_sources<float>({3, 3});
  EXPECT_THAT([&] { model.search(pool, x, {.width = 0}); },
              ThrowsMessage<SettingError>(HasSubstr("width is 0, expected from 1")));
  EXPECT_THAT([&] { model.search(pool, x, {.width = 1, .max_a_step = 0}); },
              ThrowsMessage<SettingError>(HasSubstr("max_a_step is 0")));
  EXPECT_THAT([&] { model.search(pool, x, {.symbol_bonus = std::nan("")}); },
              ThrowsMessage<SettingError>(HasSubstr("symbol_bonus is nan")));
  x.at(1, 2)[0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT([&] { model.search(pool, x, {}); }, ThrowsMessage<Error>(HasSubstr("[search] source 1")));
  EXPECT_EQ(
      model.search(pool, Sequences<float>(std::vector<std::size_t>{0}, kInputs), {})[0][0].symbols.size(),
      0u);
  EXPECT_TRUE(model.search(pool, Sequences<float>(std::vector<std::size_t>{}, kInputs), {}).empty());
}

}  // namespace
}  // namespace carousel
