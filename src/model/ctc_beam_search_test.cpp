#include "model/ctc_beam_search.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "kernels/reductions.h"
#include "model/ctc_testing.h"
#include "model/network.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using namespace testing;
using Symbols = std::vector<std::size_t>;

constexpr std::size_t kAll = 1000;  // more than there are prefixes in these cases

Symbols symbols_of(const CtcHypothesis& hypothesis) {
  Symbols result;
  for (const TimedSymbol& one : hypothesis.symbols) result.push_back(one.symbol);
  return result;
}

/// log p of each symbol after each; the first row for the first symbol.
class Pairs final : public SymbolModel {
 public:
  explicit Pairs(Tensor<double> table) : table_(std::move(table)) {}
  StatePointer start() const override { return std::make_shared<Last>(0); }
  StatePointer after(const State&, std::size_t symbol) const override {
    return std::make_shared<Last>(symbol + 1);
  }
  void log_probabilities(const State& state, std::span<double> out) const override {
    std::ranges::copy(std::as_const(table_).matrix().row_span(static_cast<const Last&>(state).row),
                      out.begin());
  }
  double of(const Symbols& symbols) const {
    double sum = 0;
    for (std::size_t i = 0; i < symbols.size(); ++i)
      sum += std::as_const(table_).matrix()(i == 0 ? 0 : symbols[i - 1] + 1, symbols[i]);
    return sum;
  }

 private:
  struct Last final : State {
    explicit Last(std::size_t number) : row(number) {}
    std::size_t row;
  };
  Tensor<double> table_;
};

/// A recurrent network that reads symbols, one step for each.
class Recurrent final : public SymbolModel {
 public:
  explicit Recurrent(const Network<double>& network) : network_(network) {}
  StatePointer start() const override { return read(network_.start(1), network_.outputs() - 1); }
  StatePointer after(const State& state, std::size_t symbol) const override {
    return read(static_cast<const Memory&>(state).values, symbol);
  }
  void log_probabilities(const State& state, std::span<double> out) const override {
    std::ranges::copy(static_cast<const Memory&>(state).next, out.begin());
  }

 private:
  struct Memory final : State {
    Tensor<double> values;
    std::vector<double> next;
  };
  StatePointer read(const Tensor<double>& before, std::size_t symbol) const {
    auto memory = std::make_shared<Memory>();
    memory->values = before;
    memory->next.resize(network_.outputs());
    std::vector<double> scratch(network_.step_scratch(1));
    const double x = static_cast<double>(symbol);
    const std::size_t K = network_.outputs();
    network_.step(View<const double>(&x, 1, 1), memory->values.matrix(), {memory->next.data(), 1, K},
                  scratch.data());
    kernels::log_softmax(memory->next.data(), memory->next.data(), 1, K, K);
    return memory;
  }
  const Network<double>& network_;
};

TEST(CtcBeamSearch, wide_enough_finds_every_labelling_with_its_probability) {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const std::size_t outputs = 2 + seed % 3, frames = outputs == 4 ? 5 : 7, blank = seed % outputs;
    const Tensor<double> p = some_log_probabilities(frames, outputs, seed);
    const auto all = all_labellings(view(p), blank);
    const auto found = ctc_beam_search(view(p), blank, {.width = kAll, .results = kAll});
    ASSERT_EQ(found.size(), all.size());
    double before = 0, sum = 0;
    for (const CtcHypothesis& hypothesis : found) {
      const double expected = std::log(all.at(symbols_of(hypothesis)).probability);
      EXPECT_NEAR(hypothesis.log_probability, expected, 1e-11);
      EXPECT_EQ(hypothesis.score, hypothesis.log_probability);
      EXPECT_LE(hypothesis.score, before);
      before = hypothesis.score;
      sum += std::exp(hypothesis.log_probability);
    }
    EXPECT_NEAR(sum, 1, 1e-12);
  }
}

TEST(CtcBeamSearch, finds_what_the_best_path_does_not) {
  // Graves 2012, fig. 7.3: two frames, blank 0.6 and symbol 0.4. The best path says nothing, with 0.36; the
  // symbol has 0.64.
  Tensor<double> p({2, 2});
  for (const std::size_t t : {0, 1}) p[2 * t] = std::log(0.6), p[2 * t + 1] = std::log(0.4);
  EXPECT_TRUE(greedy_ctc(view(p), 0).symbols.empty());
  const auto found = ctc_beam_search(view(p), 0, {.width = 2, .results = 2});
  ASSERT_EQ(found.size(), 2);
  EXPECT_EQ(symbols_of(found[0]), (Symbols{1}));
  EXPECT_NEAR(found[0].log_probability, std::log(0.64), 1e-15);
  EXPECT_TRUE(found[1].symbols.empty());
  EXPECT_NEAR(found[1].log_probability, std::log(0.36), 1e-15);
}

TEST(CtcBeamSearch, with_a_language_model_ranks_by_the_whole_score) {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const Tensor<double> p = some_log_probabilities(6, 3, seed, 1);
    const Pairs language(some_log_probabilities(4, 3, 100 + seed));
    const double weight = 0.7, bonus = 0.4;
    std::vector<std::pair<double, Symbols>> expected;
    const auto all = all_labellings(view(p), 0);
    for (const auto& [labels, one] : all)
      expected.emplace_back(std::log(one.probability) + weight * language.of(labels) +
                                bonus * static_cast<double>(labels.size()),
                            labels);
    std::ranges::sort(expected, std::greater());
    const auto found = ctc_beam_search(
        view(p), 0, {.width = kAll, .results = 20, .language_weight = weight, .symbol_bonus = bonus},
        &language);
    ASSERT_EQ(found.size(), 20);
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(symbols_of(found[i]), expected[i].second) << "seed " << seed << " place " << i;
      EXPECT_NEAR(found[i].score, expected[i].first, 1e-11);
      EXPECT_NEAR(found[i].log_probability, std::log(all.at(expected[i].second).probability), 1e-11);
    }
  }
}

TEST(CtcBeamSearch, a_recurrent_network_can_be_the_language_model) {
  constexpr std::size_t kSymbols = 3;
  Network<double> network("embedding 3 4, lstm 5, dense 3", 1, 3);
  network.update_weights([](std::span<double> w) {
    const Random random(6, 6);
    for (std::size_t i = 0; i < w.size(); ++i) w[i] = random.uniform(i, -1.5, 1.5);
  });
  const Tensor<double> p = some_log_probabilities(6, kSymbols, 5, 0.5);
  const Recurrent language(network);
  const auto found =
      ctc_beam_search(view(p), 2, {.width = kAll, .results = kAll, .language_weight = 1}, &language);
  EXPECT_EQ(found.size(), all_labellings(view(p), 2).size());
  ThreadPool pool(1);
  const auto trace = network.make_trace();
  for (const CtcHypothesis& hypothesis : found) {
    // The whole labelling at once, behind what stands for its beginning.
    const Symbols symbols = symbols_of(hypothesis);
    Sequences<double> x({symbols.size() + 1}, 1), y;
    x.at(0, 0)[0] = kSymbols - 1;
    for (std::size_t u = 0; u < symbols.size(); ++u) x.at(0, u + 1)[0] = static_cast<double>(symbols[u]);
    Tensor<double> state = network.start(1);
    network.forward({.pool = &pool}, x, state.matrix(), y, *trace);
    double expected = hypothesis.log_probability;
    for (std::size_t u = 0; u < symbols.size(); ++u) {
      double sum = 0;
      for (const double logit : y.at(0, u)) sum += std::exp(logit);
      expected += y.at(0, u)[symbols[u]] - std::log(sum);
    }
    EXPECT_NEAR(hypothesis.score, expected, 1e-11);
  }
}

TEST(CtcBeamSearch, symbols_stand_where_the_likeliest_path_has_them) {
  const Tensor<double> p = some_log_probabilities(40, 5, 3);
  const auto found = ctc_beam_search(view(p), 4, {.width = 8, .results = 8});
  ASSERT_EQ(found.size(), 8);
  for (const CtcHypothesis& hypothesis : found) {
    const CtcLabelling aligned = align_ctc(view(p), 4, symbols_of(hypothesis));
    EXPECT_EQ(hypothesis.symbols, aligned.symbols);
    EXPECT_GE(hypothesis.log_probability, aligned.log_probability);  // of all paths, the likeliest among them
  }
}

TEST(CtcBeamSearch, a_narrow_beam_gives_each_labelling_once_and_no_more_than_its_paths) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Tensor<double> p = some_log_probabilities(7, 3, seed, 1);
    const auto all = all_labellings(view(p), 0);
    for (const std::size_t width : {1, 2, 5}) {
      std::vector<Symbols> seen;
      for (const CtcHypothesis& one : ctc_beam_search(view(p), 0, {.width = width, .results = width})) {
        EXPECT_LE(one.log_probability, std::log(all.at(symbols_of(one)).probability) + 1e-12);
        EXPECT_EQ(std::ranges::count(seen, symbols_of(one)), 0);
        seen.push_back(symbols_of(one));
      }
      EXPECT_EQ(seen.size(), width);
    }
  }
}

TEST(CtcBeamSearch, of_equals_those_that_were_there_then_the_lower_symbol) {
  const Tensor<double> p({1, 4}, std::log(0.25));
  const auto found = ctc_beam_search(view(p), 3, {.width = 3, .results = 3});
  ASSERT_EQ(found.size(), 3);
  EXPECT_EQ(symbols_of(found[0]), (Symbols{}));
  EXPECT_EQ(symbols_of(found[1]), (Symbols{0}));
  EXPECT_EQ(symbols_of(found[2]), (Symbols{1}));
}

TEST(CtcBeamSearch, floats_and_doubles_agree_and_no_frames_say_nothing) {
  const Tensor<double> p = some_log_probabilities(30, 4, 9);
  Tensor<float> rounded({30, 4});
  Tensor<double> again({30, 4});
  for (std::size_t i = 0; i < p.size(); ++i) again[i] = rounded[i] = static_cast<float>(p[i]);
  const CtcSearchOptions options{.width = 6, .results = 6};
  const auto a = ctc_beam_search(std::as_const(rounded).matrix(), 0, options);
  const auto b = ctc_beam_search(view(again), 0, options);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].symbols, b[i].symbols);
    EXPECT_EQ(a[i].log_probability, b[i].log_probability);
  }
  const auto nothing = ctc_beam_search(View<const float>(nullptr, 0, 4), 0, {});
  ASSERT_EQ(nothing.size(), 1);
  EXPECT_TRUE(nothing[0].symbols.empty());
  EXPECT_EQ(nothing[0].score, 0);
}

TEST(CtcBeamSearch, leaves_out_what_is_impossible) {
  constexpr double kNever = -std::numeric_limits<double>::infinity();
  Tensor<double> p({2, 3}, kNever);
  p[1] = p[5] = 0;  // output 1, then 2
  const auto found = ctc_beam_search(view(p), 0, {.width = 9, .results = 9});
  ASSERT_EQ(found.size(), 1);
  EXPECT_EQ(symbols_of(found[0]), (Symbols{1, 2}));
  Tensor<double> table({4, 3}, std::log(0.5));
  table[2 * 3 + 2] = kNever;  // never 2 after 1
  const Pairs language(table);
  EXPECT_TRUE(ctc_beam_search(view(p), 0, {.width = 9, .language_weight = 1}, &language).empty());
  p.fill(kNever);
  EXPECT_TRUE(ctc_beam_search(view(p), 0, {}).empty());
}

TEST(CtcBeamSearch, refuses_what_is_out_of_range) {
  Tensor<double> p({2, 3}, std::log(1.0 / 3));
  const auto refusal = [&](const CtcSearchOptions& options, const char* what) {
    EXPECT_THAT([&] { ctc_beam_search(view(p), 0, options); }, ThrowsMessage<SettingError>(HasSubstr(what)));
  };
  refusal({.width = 0}, "width is 0, expected from 1 to 65536");
  refusal({.width = 4, .results = 5}, "results is 5, expected from 1 to 4");
  refusal({.results = 0}, "results");
  refusal({.language_weight = -1}, "language_weight is -1");
  refusal({.symbol_bonus = std::numeric_limits<double>::quiet_NaN()}, "symbol_bonus");
  EXPECT_THROW(ctc_beam_search(view(p), 3, {}), Error);
  const Pairs wrong(Tensor<double>({4, 3}, 1.5));
  EXPECT_THAT([&] { ctc_beam_search(view(p), 0, {.language_weight = 1}, &wrong); },
              ThrowsMessage<Error>(HasSubstr("says 1.5 for symbol 1 after 0 symbols")));
  EXPECT_EQ(ctc_beam_search(view(p), 0, {}, &wrong).size(), 1);  // not asked
  p[4] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT([&] { ctc_beam_search(view(p), 0, {}); }, ThrowsMessage<Error>(HasSubstr("frame 1")));
}

}  // namespace
}  // namespace carousel
