#include "model/beam_search.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "model/encoder_decoder.h"
#include "support/same_bits.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using testing::same_bits;
using ::testing::ThrowsMessage;

constexpr std::size_t kSymbols = 3, kMaxLength = 4;

EncoderDecoder<double> some_model() {
  EncoderDecoder<double> model(
      "encoder_decoder(encoder(bidirectional(lstm 3)), decoder(lstm 4)) symbols=3 embedding=3", 2);
  model.update_weights([](std::span<double> w) {
    const Random random(4, 4);
    for (std::size_t i = 0; i < w.size(); ++i) w[i] = random.uniform(i, -1.2, 1.2);
  });
  return model;
}

Sequences<double> some_sources() {
  Sequences<double> x({4, 0, 6, 1, 3}, 2);
  const Random random(9, 9);
  for (std::size_t i = 0; i < x.values().size(); ++i) x.values()[i] = random.uniform(i, -2, 2);
  return x;
}

struct Scored {
  std::vector<std::size_t> symbols;
  double log_probability, score;
};

/// Every target of up to kMaxLength symbols, scored by a teacher-forced pass, the best first.
std::vector<Scored> all_targets(const EncoderDecoder<double>& model, const Sequences<double>& x,
                                std::size_t b, double length_penalty) {
  std::vector<std::vector<std::size_t>> targets = {{}};
  for (std::size_t i = 0; i < targets.size(); ++i)
    for (std::size_t k = 0; k < kSymbols && targets[i].size() < kMaxLength; ++k) {
      targets.push_back(targets[i]);
      targets.back().push_back(k);
    }
  ThreadPool pool(1);
  EncoderDecoderTrace<double> trace = model.make_trace();
  Sequences<double> source({x.layout().length(b)}, 2), logits;
  for (std::size_t t = 0; t < source.layout().time(); ++t)
    std::ranges::copy(x.at(b, t), source.at(0, t).begin());
  std::vector<Scored> result;
  for (const auto& symbols : targets) {
    Sequences<double> target({symbols.size()}, 1);
    for (std::size_t u = 0; u < symbols.size(); ++u) target.at(0, u)[0] = static_cast<double>(symbols[u]);
    model.forward({.pool = &pool}, source, target, 0, logits, trace);
    double log_probability = 0;
    for (std::size_t u = 0; u <= symbols.size(); ++u) {
      double sum = 0;
      for (const double p : logits.at(0, u)) sum += std::exp(p);
      log_probability += logits.at(0, u)[u < symbols.size() ? symbols[u] : kSymbols] - std::log(sum);
    }
    const double divisor = std::pow((5.0 + static_cast<double>(symbols.size()) + 1) / 6.0, length_penalty);
    result.push_back({symbols, log_probability, log_probability / divisor});
  }
  std::ranges::stable_sort(result, std::greater<>(), &Scored::score);
  return result;
}

TEST(BeamSearch, AsWideAsEverythingItIsTheExhaustiveOne) {
  const EncoderDecoder<double> model = some_model();
  const Sequences<double> x = some_sources();
  ThreadPool pool(2);
  for (const double penalty : {0.0, 0.7}) {
    const auto found =
        model.search(pool, x, {.width = 200, .max_length = kMaxLength, .length_penalty = penalty});
    ASSERT_EQ(found.size(), 5u);
    for (std::size_t b = 0; b < found.size(); ++b) {
      const std::vector<Scored> all = all_targets(model, x, b, penalty);
      ASSERT_EQ(all.size(), 121u);
      ASSERT_EQ(found[b].size(), 121u);
      for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(found[b][i].symbols, all[i].symbols) << "source " << b << ", place " << i;
        EXPECT_NEAR(found[b][i].log_probability, all[i].log_probability, 1e-12);
        EXPECT_NEAR(found[b][i].score, all[i].score, 1e-12);
      }
    }
  }
}

TEST(BeamSearch, WithOneHypothesisItIsTheGreedyOne) {
  const EncoderDecoder<double> model = some_model();
  const Sequences<double> x = some_sources();
  ThreadPool pool(1);
  const auto found = model.search(pool, x, {.width = 1, .max_length = 10});
  EncoderDecoderTrace<double> trace = model.make_trace();
  Sequences<double> logits;
  for (std::size_t b = 0; b < found.size(); ++b) {
    ASSERT_EQ(found[b].size(), 1u);
    std::vector<std::vector<std::size_t>> targets(5);
    std::vector<std::size_t>& symbols = targets[b];
    for (;;) {  // a pass for every symbol
      std::vector<std::size_t> lengths(5);
      lengths[b] = symbols.size();
      Sequences<double> target(lengths, 1);
      for (std::size_t u = 0; u < symbols.size(); ++u) target.at(b, u)[0] = static_cast<double>(symbols[u]);
      model.forward({.pool = &pool}, x, target, 0, logits, trace);
      const auto last = logits.at(b, symbols.size());
      const auto best = static_cast<std::size_t>(std::ranges::max_element(last) - last.begin());
      if (best == kSymbols || symbols.size() == 10) break;
      symbols.push_back(best);
    }
    EXPECT_EQ(found[b][0].symbols, symbols) << "source " << b;
    const View<const double> attention = trace.decoder.weights_of(b);
    EXPECT_TRUE(same_bits(std::span(attention.data(), attention.rows() * attention.columns()),
                          std::as_const(found[b][0].attention).span()));
  }
}

TEST(BeamSearch, AWiderBeamFindsNothingWorse) {
  const EncoderDecoder<double> model = some_model();
  const Sequences<double> x = some_sources();
  ThreadPool pool(1);
  for (std::size_t b = 0; b < 5; ++b) {
    const double best = all_targets(model, x, b, 0)[0].score;
    const double narrow = model.search(pool, x, {.width = 1, .max_length = kMaxLength})[b][0].score;
    EXPECT_LE(narrow, best + 1e-12);
    EXPECT_NEAR(model.search(pool, x, {.width = 81, .max_length = kMaxLength})[b][0].score, best, 1e-12);
  }
}

TEST(BeamSearch, NeitherBatchMatesNorThreadsShow) {
  EncoderDecoder<float> model("encoder_decoder(encoder(gru 5), decoder(lstm 5)) symbols=30 attention=dot", 2);
  Sequences<float> x({4, 0, 6, 1, 3, 6, 2}, 2);
  const Random random(9, 9);
  for (std::size_t i = 0; i < x.values().size(); ++i)
    x.values()[i] = static_cast<float>(random.uniform(i, -2, 2));
  const SearchOptions options{.width = 4, .max_length = 12, .length_penalty = 0.6};
  ThreadPool one(1);
  const auto all = model.search(one, x, options);
  const auto same = [](const std::vector<Hypothesis<float>>& a, const std::vector<Hypothesis<float>>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].symbols, b[i].symbols);
      EXPECT_EQ(a[i].score, b[i].score);
      EXPECT_EQ(a[i].log_probability, b[i].log_probability);
      EXPECT_TRUE(same_bits(a[i].attention.span(), b[i].attention.span()));
      EXPECT_EQ(a[i].attention.shape()[0], a[i].symbols.size() + 1);
    }
  };
  for (const std::size_t threads : {2, 3, 8}) {
    ThreadPool pool(threads);
    const auto shared = model.search(pool, x, options);
    for (std::size_t b = 0; b < all.size(); ++b) same(all[b], shared[b]);
  }
  for (std::size_t b = 0; b < all.size(); ++b) {
    Sequences<float> alone({x.layout().length(b)}, 2);
    for (std::size_t t = 0; t < alone.layout().time(); ++t)
      std::ranges::copy(x.at(b, t), alone.at(0, t).begin());
    same(all[b], model.search(one, alone, options)[0]);
  }
}

// With all weights zero every symbol is as probable as every other.
TEST(BeamSearch, TiesGoToTheLowerSymbolAndTheOlderHypothesis) {
  EncoderDecoder<float> model("encoder_decoder(encoder(lstm 2), decoder(lstm 2)) symbols=3", 1);
  model.update_weights([](std::span<float> w) { std::ranges::fill(w, 0.0f); });
  ThreadPool pool(1);
  const auto found = model.search(pool, Sequences<float>({2}, 1), {.width = 2, .max_length = 1})[0];
  ASSERT_EQ(found.size(), 2u);
  // The end, as probable as 0 and 1, ranks behind them; after one symbol nothing else may follow.
  EXPECT_EQ(found[0].symbols, (std::vector<std::size_t>{0}));
  EXPECT_EQ(found[1].symbols, (std::vector<std::size_t>{1}));
  EXPECT_EQ(found[0].score, found[1].score);
}

TEST(BeamSearch, RefusesWhatIsOutOfRange) {
  const EncoderDecoder<double> model = some_model();
  ThreadPool pool(1);
  const auto refusal = [&](const SearchOptions& options, const char* what) {
    EXPECT_THAT([&] { model.search(pool, some_sources(), options); },
                ThrowsMessage<SettingError>(HasSubstr(what)));
  };
  refusal({.width = 0}, "width is 0, expected from 1");
  refusal({.max_length = std::size_t{1} << 30}, "max_length");
  refusal({.length_penalty = -1}, "length_penalty is -1");
  refusal({.length_penalty = std::numeric_limits<double>::quiet_NaN()}, "length_penalty");
  Sequences<double> x = some_sources();
  x.at(2, 0)[0] = std::numeric_limits<double>::infinity();
  x.at(2, 0)[1] = -std::numeric_limits<double>::infinity();
  x.at(2, 3)[1] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT([&] { model.search(pool, x, {}); }, ThrowsMessage<Error>(HasSubstr("source 2")));
  EXPECT_TRUE(model.search(pool, Sequences<double>(std::vector<std::size_t>{}, 2), {}).empty());
}

}  // namespace
}  // namespace carousel
