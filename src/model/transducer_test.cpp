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
#include "model/transducer_testing.h"
#include "support/gradient_check.h"
#include "support/same_bits.h"

namespace carousel {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

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

class TransducerTest : public ::testing::TestWithParam<TransducerMember> {};

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
  const auto one_pass = [](const auto& model, const auto& x, const auto& targets) {
    return run(model, x, targets, 1);
  };
  expect_float_agrees_with_double<Transducer>(GetParam().spec, kSources, kTargets, one_pass);
}

INSTANTIATE_TEST_SUITE_P(Members, TransducerTest, ::testing::ValuesIn(transducers()),
                         [](const auto& member) { return member.param.name; });

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
    Transducer<float> model(transducers()[1].spec, kInputs);
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
  Transducer<float> model(transducers()[0].spec, kInputs);
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
