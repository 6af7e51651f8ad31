#include "model/transducer.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <utility>

#include "kernels/target.h"
#include "losses/transducer_loss.h"
#include "model/model_file.h"
#include "support/gradient_check.h"
#include "support/same_bits.h"

namespace carousel {
namespace {

using testing::gradient_matches;
using ::testing::HasSubstr;
using testing::same_bits;
using ::testing::ThrowsMessage;

struct Member {
  std::string name, spec;
};
std::ostream& operator<<(std::ostream& out, const Member& member) { return out << member.spec; }

constexpr std::size_t kInputs = 3, kSymbols = 4;

const std::vector<Member>& members() {
  static const std::vector<Member> list = {
      {"bidirectional",
       "transducer(encoder(bidirectional(lstm 3)), prediction(lstm 4)) symbols=4 embedding=3 joint=5"},
      {"shortened",
       "transducer(encoder(gru 4, pyramid), prediction(gru 3, dense 2 tanh)) symbols=4 embedding=2"},
      {"learned_starts",
       "transducer(encoder(lstm 3 learned_start=on), prediction(residual(lstm 3 learned_start=on))) "
       "symbols=4 "
       "embedding=3"},
      {"regularised",
       "transducer(encoder(lstm 4, dropout 0.2), prediction(lstm 4 variational_dropout=0.2 "
       "zoneout_cell=0.2)) "
       "symbols=4 embedding=3 joint=3"},
  };
  return list;
}

const std::vector<std::size_t> kSources = {4, 0, 6, 1, 4, 5, 3}, kTargets = {3, 0, 2, 1, 3, 0, 2};

template <class T>
Sequences<T> some_sources(const std::vector<std::size_t>& lengths) {
  Sequences<T> x(lengths, kInputs);
  for (std::size_t b = 0; b < lengths.size(); ++b)
    for (std::size_t t = 0; t < lengths[b]; ++t)
      for (std::size_t f = 0; f < kInputs; ++f)
        x.at(b, t)[f] = static_cast<T>(Random(7, lengths[b] * 100 + b).uniform(t * kInputs + f, -1, 1));
  return x;
}
template <class T>
Sequences<T> some_targets(const std::vector<std::size_t>& lengths) {
  Sequences<T> y(lengths, 1);
  for (std::size_t b = 0; b < lengths.size(); ++b)
    for (std::size_t u = 0; u < lengths[b]; ++u)
      y.at(b, u)[0] = static_cast<T>(Random(8, lengths[b] * 100 + b).below(u, kSymbols));
  return y;
}

/// Weights larger than initialisation makes them, so that every part has its say.
template <class T>
void shake(Transducer<T>& model) {
  model.update_weights([](std::span<T> w) {
    const Random random(4, 4);
    for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<T>(random.uniform(i, -0.8, 0.8));
  });
}

/// Everything that a training pass gives.
template <class T>
struct Outcome {
  Sequences<T> logits, dx;
  std::vector<T> gradient;
};

template <class T>
Outcome<T> run(const Transducer<T>& model, const Sequences<T>& x, const Sequences<T>& targets,
               std::size_t threads) {
  ThreadPool pool(threads);
  const Pass pass{.pool = &pool, .training = true, .seed = 5, .update = 3};
  Outcome<T> out;
  TransducerTrace<T> trace = model.make_trace();
  model.forward(pass, x, targets, out.logits, trace);
  Sequences<T> dlogits;
  TransducerLoss<T>(model.symbols() + 1).evaluate_sequences(pool, out.logits, targets, &dlogits);
  out.gradient.assign(model.weights().size(), T(0));
  model.backward(pass, x, dlogits, &out.dx, out.gradient, trace);
  return out;
}

template <class T>
void expect_same(const Outcome<T>& a, const Outcome<T>& b, const std::string& what) {
  EXPECT_TRUE(same_bits(a.logits.values(), b.logits.values())) << what << ": logits";
  EXPECT_TRUE(same_bits(a.dx.values(), b.dx.values())) << what << ": gradient on the sources";
  EXPECT_TRUE(same_bits(a.gradient, b.gradient)) << what << ": gradient";
}

template <class T>
Sequences<T> only(const Sequences<T>& all, const std::vector<std::size_t>& which) {
  std::vector<std::size_t> lengths;
  for (const std::size_t b : which) lengths.push_back(all.layout().length(b));
  Sequences<T> result(lengths, all.features());
  for (std::size_t i = 0; i < which.size(); ++i)
    for (std::size_t t = 0; t < lengths[i]; ++t)
      std::ranges::copy(all.at(which[i], t), result.at(i, t).begin());
  return result;
}

class TransducerTest : public ::testing::TestWithParam<Member> {};

TEST_P(TransducerTest, GradientsThroughEverythingMatchDifferences) {
  Transducer<double> model(GetParam().spec, kInputs);
  shake(model);
  Sequences<double> x = some_sources<double>(kSources);
  const Sequences<double> targets = some_targets<double>(kTargets);
  ThreadPool pool(1);
  const Pass pass{.pool = &pool, .training = true, .seed = 5, .update = 3};
  const TransducerLoss<double> loss(kSymbols + 1);
  TransducerTrace<double> trace = model.make_trace();
  Sequences<double> logits, dlogits, dx;
  const auto value = [&] {
    model.forward(pass, x, targets, logits, trace);
    return loss.evaluate_sequences(pool, logits, targets, nullptr).mean();
  };
  value();
  loss.evaluate_sequences(pool, logits, targets, &dlogits);
  std::vector<double> gradient(model.weights().size(), 0.0);
  model.backward(pass, x, dlogits, &dx, gradient, trace);
  EXPECT_TRUE(gradient_matches("dx", x.values(), std::as_const(dx).values(), value));
  std::vector<double> weights(model.weights().begin(), model.weights().end());
  EXPECT_TRUE(gradient_matches("weights", weights, gradient, [&] {
    model.set_weights(weights);
    return value();
  }));
}

TEST_P(TransducerTest, ThreadsAndInstructionSetsDoNotShow) {
  Transducer<float> model(GetParam().spec, kInputs);
  shake(model);
  const Sequences<float> x = some_sources<float>(kSources), targets = some_targets<float>(kTargets);
  const Outcome<float> one = run(model, x, targets, 1);
  for (const std::size_t threads : {2, 3, 8})
    expect_same(one, run(model, x, targets, threads), std::to_string(threads) + " threads");
  for (const std::string& target : kernels::available_targets()) {
    kernels::use_target(target);
    model.pack({});
    expect_same(one, run(model, x, targets, 1), target);
  }
  kernels::use_best_target();
}

TEST_P(TransducerTest, ASequenceIsTheSameAloneAndInAnyOrder) {
  Transducer<float> model(GetParam().spec, kInputs);
  shake(model);
  ThreadPool pool(2);
  const Pass pass{.pool = &pool};
  const Sequences<float> x = some_sources<float>(kSources), targets = some_targets<float>(kTargets);
  TransducerTrace<float> trace = model.make_trace(), other_trace = model.make_trace();
  Sequences<float> logits, other;
  model.forward(pass, x, targets, logits, trace);
  const TransducerSearchOptions options{.width = 3, .max_a_step = 3};
  const auto found = model.search(pool, x, options);
  const auto check = [&](const std::vector<std::size_t>& which) {
    model.forward(pass, only(x, which), only(targets, which), other, other_trace);
    EXPECT_TRUE(same_bits(std::as_const(other).values(), only(logits, which).values()));
    const auto again = model.search(pool, only(x, which), options);
    for (std::size_t i = 0; i < which.size(); ++i)
      for (std::size_t n = 0; n < again[i].size(); ++n) {
        EXPECT_EQ(again[i][n].symbols, found[which[i]][n].symbols);
        EXPECT_EQ(again[i][n].log_probability, found[which[i]][n].log_probability);
      }
  };
  for (std::size_t b = 0; b < kSources.size(); ++b) check({b});
  check({5, 3, 1, 0, 2, 6, 4});
}

TEST_P(TransducerTest, FloatAgreesWithDouble) {
  Transducer<float> model(GetParam().spec, kInputs);
  shake(model);
  Transducer<double> exact(GetParam().spec, kInputs);
  exact.set_weights(std::vector<double>(model.weights().begin(), model.weights().end()));
  const Sequences<float> x = some_sources<float>(kSources);
  Sequences<double> exact_x(kSources, kInputs);
  std::ranges::copy(x.values(), exact_x.values().begin());
  const Outcome<float> a = run(model, x, some_targets<float>(kTargets), 1);
  const Outcome<double> b = run(exact, exact_x, some_targets<double>(kTargets), 1);
  for (std::size_t i = 0; i < a.logits.values().size(); ++i)
    EXPECT_NEAR(a.logits.values()[i], b.logits.values()[i], 3e-6) << "logit " << i;
  double largest = 0;
  for (const double d : b.gradient) largest = std::max(largest, std::abs(d));
  for (std::size_t i = 0; i < a.gradient.size(); ++i)
    EXPECT_NEAR(a.gradient[i], b.gradient[i], 1e-5 * largest) << "derivative " << i;
}

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
TEST_P(TransducerTest, AWideSearchFindsTheProbabilityOfTheLoss) {
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

TEST_P(TransducerTest, ABonusForSymbolsRanksAndLeavesProbabilitiesAlone) {
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

INSTANTIATE_TEST_SUITE_P(Members, TransducerTest, ::testing::ValuesIn(members()),
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
  Transducer<double> model(members()[0].spec, kInputs);
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
  Transducer<float> model(members()[0].spec, kInputs);
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
  Transducer<float> model(members()[0].spec, kInputs);
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

TEST(TransducerSpec, WhatCannotBeIsRefusedByName) {
  const auto refusal = [](const std::string& spec, const std::string& what) {
    EXPECT_THAT([&] { Transducer<float>(spec, 3); }, ThrowsMessage<SettingError>(HasSubstr(what))) << spec;
  };
  const std::string parts = "transducer(encoder(lstm 4), prediction(lstm 5))";
  refusal("lstm 4", "expected transducer(encoder");
  refusal(parts + " symbols=5, lstm 4", "expected transducer(encoder");
  refusal("transducer(encoder(lstm 4), decoder(lstm 4)) symbols=5",
          "expected transducer(encoder(...), prediction");
  refusal(parts, "symbols is missing");
  refusal(parts + " symbols=5 jiont=3", "did you mean \"joint\"");
  refusal("transducer(encoder(lstm 3), prediction(bidirectional(lstm 5))) symbols=5",
          "bidirectional needs the whole sequence");
  refusal("transducer(encoder(lstm 3), prediction(embedding 5 4, lstm 5)) symbols=5", "option embedding=");
  EXPECT_THAT([&] { Network<float>(parts + " symbols=5", 1); },
              ThrowsMessage<SettingError>(HasSubstr("transducer: stands alone")));
}

TEST(TransducerFile, KeepsEverythingAndTheBits) {
  for (const WeightFormat format : {WeightFormat::float32, WeightFormat::bf16, WeightFormat::int8}) {
    Transducer<float> model(members()[1].spec, kInputs);
    shake(model);
    model.pack({format, false});
    const Safetensors file = model_contents(model, {{"coding", "letters"}});
    for (const NamedTensor& tensor : file.tensors)
      EXPECT_THAT(tensor.name, ::testing::ContainsRegex("^(encoder|embedding|prediction|joint|output)\\."));
    const AnyLoadedModel<float> any = any_model_from<float>(file, "a file");
    const auto& loaded = std::get<Loaded<Transducer<float>>>(any);
    EXPECT_EQ(loaded.network.spec(), model.spec());
    EXPECT_EQ(loaded.metadata.at("coding"), "letters");
    EXPECT_TRUE(same_bits(model.weights(), loaded.network.weights()));
    ThreadPool pool(1);
    const Sequences<float> x = some_sources<float>(kSources);
    const auto a = model.search(pool, x, {.width = 3}), b = loaded.network.search(pool, x, {.width = 3});
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i][0].log_probability, b[i][0].log_probability);
    EXPECT_THAT([&] { model_from<float>(file, "a file"); },
                ThrowsMessage<ModelError>(HasSubstr("transducer: stands alone")));
  }
  const Network<float> network("lstm 4", kInputs);
  EXPECT_THAT([&] { transducer_from<float>(model_contents(network, {}), "a file"); },
              ThrowsMessage<ModelError>(HasSubstr("expected transducer(encoder")));
}

TEST(TransducerPass, RefusesWhatIsNoTarget) {
  Transducer<float> model(members()[0].spec, kInputs);
  ThreadPool pool(1);
  TransducerTrace<float> trace = model.make_trace();
  Sequences<float> logits, targets({2}, 1);
  targets.at(0, 1)[0] = kSymbols;
  const Sequences<float> x = some_sources<float>({3});
  EXPECT_THAT([&] { model.forward({.pool = &pool}, x, targets, logits, trace); },
              ThrowsMessage<Error>(HasSubstr("0 to 3, got 4 at step 1 of sequence 0")));
  EXPECT_THAT(
      [&] {
        model.forward({.pool = &pool}, x, Sequences<float>({1, 1}, 1), logits, trace);
      },
      ThrowsMessage<Error>(HasSubstr("expected targets [U, 1, 1], got [1, 2, 1]")));
}

}  // namespace
}  // namespace carousel
