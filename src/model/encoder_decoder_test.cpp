#include "model/encoder_decoder.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "kernels/target.h"
#include "losses/cross_entropy.h"
#include "model/model_file.h"
#include "model/two_parts_testing.h"
#include "support/count_allocations.h"
#include "support/gradient_check.h"
#include "support/same_bits.h"

namespace carousel {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

struct Member {
  std::string name, spec;
};
std::ostream& operator<<(std::ostream& out, const Member& member) { return out << member.spec; }

const std::vector<Member>& members() {
  static const std::vector<Member> list = {
      {"additive",
       "encoder_decoder(encoder(bidirectional(lstm 3)), decoder(lstm 4)) symbols=4 embedding=3 "
       "attention_width=7"},
      {"multiplicative",
       "encoder_decoder(encoder(lstm 4, pyramid), decoder(gru 4, lstm 3)) symbols=4 embedding=2 "
       "attention=multiplicative"},
      {"dot",
       "encoder_decoder(encoder(gru 4), decoder(residual(lstm 6, dense 6), dense 4)) symbols=4 embedding=2 "
       "attention=dot"},
      {"without_bridge",
       "encoder_decoder(encoder(conv1d 3 kernel=2), decoder(lstm 4 learned_start=on)) symbols=4 embedding=3 "
       "bridge=none"},
      {"relatives",
       "encoder_decoder(encoder(bidirectional(min_lstm 3), min_gru 4), decoder(min_gru 3, mlstm 4 heads=2)) "
       "symbols=4 embedding=2"},
      {"normalised",
       "encoder_decoder(encoder(slstm 4 heads=2), decoder(lstm 3, slstm 4 heads=2)) symbols=4 embedding=2"},
      {"regularised",
       "encoder_decoder(encoder(lstm 4 learned_start=on, dropout 0.2), decoder(lstm 4 "
       "variational_dropout=0.2 "
       "zoneout_cell=0.2)) symbols=4 embedding=3"},
  };
  return list;
}

const std::vector<std::size_t> kSources = {4, 0, 7, 1, 4, 5}, kTargets = {3, 2, 0, 6, 1, 3};

/// Everything that a training pass gives.
template <class T>
struct Outcome {
  Sequences<T> logits, dx;
  std::vector<std::vector<T>> attention;  // of each sequence
  std::vector<T> gradient;
  Sequences<T> fed;
};

template <class T>
Sequences<T> expected_of(const EncoderDecoder<T>& model, const Sequences<T>& targets,
                         const Sequences<T>& logits) {
  Sequences<T> expected(logits.layout_pointer(), 1);
  model.with_end(targets, expected);
  return expected;
}

template <class T>
Outcome<T> run(const EncoderDecoder<T>& model, const Sequences<T>& x, const Sequences<T>& targets,
               std::size_t threads, double sampling = 0) {
  ThreadPool pool(threads);
  const Pass pass{.pool = &pool, .training = true, .seed = 5, .update = 3};
  Outcome<T> out;
  EncoderDecoderTrace<T> trace = model.make_trace();
  model.forward(pass, x, targets, sampling, out.logits, trace);
  Sequences<T> dlogits = out.logits;
  CrossEntropy<T>(model.symbols() + 1)
      .evaluate(out.logits.matrix(), expected_of(model, targets, out.logits).matrix(), dlogits.matrix());
  out.gradient.assign(model.weights().size(), T(0));
  model.backward(pass, x, dlogits, &out.dx, out.gradient, trace);
  out.fed = trace.decoder.fed;
  for (std::size_t b = 0; b < x.layout().batch(); ++b) {
    const View<const T> a = trace.decoder.weights_of(b);
    out.attention.emplace_back(a.data(), a.data() + a.rows() * a.columns());
  }
  return out;
}

template <class T>
void expect_same(const Outcome<T>& a, const Outcome<T>& b, const std::string& what) {
  EXPECT_TRUE(same_bits(a.logits.values(), b.logits.values())) << what << ": logits";
  EXPECT_TRUE(same_bits(a.dx.values(), b.dx.values())) << what << ": gradient on the sources";
  EXPECT_TRUE(same_bits(a.gradient, b.gradient)) << what << ": gradient";
  for (std::size_t i = 0; i < a.attention.size(); ++i)
    EXPECT_TRUE(same_bits(a.attention[i], b.attention[i])) << what << ": attention of sequence " << i;
}

template <class T>
std::vector<T> of_sequence(const Sequences<T>& all, std::size_t b) {
  std::vector<T> values;
  for (std::size_t t = 0; t < all.layout().length(b); ++t)
    values.insert(values.end(), all.at(b, t).begin(), all.at(b, t).end());
  return values;
}

/// How often the decoder was fed another symbol than the target's.
template <class T>
std::size_t drawn_others(const Sequences<T>& targets, const Sequences<T>& fed) {
  std::size_t others = 0;
  for (std::size_t b = 0; b < targets.layout().batch(); ++b)
    for (std::size_t u = 0; u < targets.layout().length(b); ++u)
      others += fed.at(b, u + 1)[0] != targets.at(b, u)[0];
  return others;
}

class EncoderDecoderTest : public ::testing::TestWithParam<Member> {};

/// Symbols that are drawn count as given, and differences are too small to change what is drawn.
void expect_gradients_like_differences(const std::string& spec, double sampling) {
  EncoderDecoder<double> model(spec, kInputs);
  shake(model);
  Sequences<double> x = some_sources<double>(kSources);
  const Sequences<double> targets = some_targets<double>(kTargets);
  ThreadPool pool(1);
  const Pass pass{.pool = &pool, .training = true, .seed = 5, .update = 3};
  const CrossEntropy<double> loss(kSymbols + 1);
  EncoderDecoderTrace<double> trace = model.make_trace();
  Sequences<double> logits;
  const auto value = [&] {
    model.forward(pass, x, targets, sampling, logits, trace);
    return loss.evaluate(logits.matrix(), expected_of(model, targets, logits).matrix(), {}).mean();
  };
  value();
  const Sequences<double> fed = trace.decoder.fed;
  EXPECT_EQ(drawn_others(targets, fed) > 0, sampling > 0);
  Sequences<double> dlogits = logits, dx;
  loss.evaluate(logits.matrix(), expected_of(model, targets, logits).matrix(), dlogits.matrix());
  std::vector<double> gradient(model.weights().size(), 0.0);
  model.backward(pass, x, dlogits, &dx, gradient, trace);
  EXPECT_TRUE(gradient_matches("dx", x.values(), dx.values(), value));
  std::vector<double> weights(model.weights().begin(), model.weights().end());
  EXPECT_TRUE(gradient_matches("weights", weights, gradient, [&] {
    model.set_weights(weights);
    const double changed = value();
    EXPECT_TRUE(same_bits(trace.decoder.fed.values(), fed.values())) << "another symbol was drawn";
    return changed;
  }));
}

TEST_P(EncoderDecoderTest, GradientsThroughEverythingMatchDifferences) {
  expect_gradients_like_differences(GetParam().spec, 0);
}
TEST_P(EncoderDecoderTest, GradientsMatchDifferencesWhereSymbolsAreDrawn) {
  expect_gradients_like_differences(GetParam().spec, 0.6);
}

template <class T>
void threads_and_instruction_sets_do_not_show(const std::string& spec) {
  for (const double sampling : {0.0, 0.5}) {
    EncoderDecoder<T> model(spec, kInputs);
    shake(model);
    const Sequences<T> x = some_sources<T>(kSources), targets = some_targets<T>(kTargets);
    const Outcome<T> one = run(model, x, targets, 1, sampling);
    EXPECT_EQ(drawn_others(targets, one.fed) > 0, sampling > 0);
    for (const std::size_t threads : {2, 3, 8})
      expect_same(one, run(model, x, targets, threads, sampling), std::to_string(threads) + " threads");
    for (const std::string& target : kernels::available_targets()) {
      kernels::use_target(target);
      model.pack({});
      expect_same(one, run(model, x, targets, 1, sampling), target);
    }
    kernels::use_best_target();
  }
}

TEST_P(EncoderDecoderTest, ThreadsAndInstructionSetsDoNotShow) {
  threads_and_instruction_sets_do_not_show<float>(GetParam().spec);
  threads_and_instruction_sets_do_not_show<double>(GetParam().spec);
}

template <class T>
void a_sequence_is_the_same_alone(const std::string& spec) {
  EncoderDecoder<T> model(spec, kInputs);
  shake(model);
  ThreadPool pool(2);
  const Pass pass{.pool = &pool};
  const Sequences<T> x = some_sources<T>(kSources), targets = some_targets<T>(kTargets);
  EncoderDecoderTrace<T> trace = model.make_trace(), other_trace = model.make_trace();
  Sequences<T> logits, other;
  model.forward(pass, x, targets, 0, logits, trace);
  const auto check = [&](const std::vector<std::size_t>& which) {
    model.forward(pass, only(x, which), only(targets, which), 0, other, other_trace);
    for (std::size_t i = 0; i < which.size(); ++i) {
      EXPECT_TRUE(same_bits(of_sequence(logits, which[i]), of_sequence(other, i))) << "sequence " << which[i];
      const View<const T> a = trace.decoder.weights_of(which[i]), b = other_trace.decoder.weights_of(i);
      EXPECT_TRUE(same_bits(std::span(a.data(), a.rows() * a.columns()),
                            std::span(b.data(), b.rows() * b.columns())));
    }
  };
  for (std::size_t b = 0; b < kSources.size(); ++b) check({b});
  check({5, 3, 1, 0, 2, 4});
}

TEST_P(EncoderDecoderTest, ASequenceIsTheSameAloneAndInAnyOrder) {
  a_sequence_is_the_same_alone<float>(GetParam().spec);
  a_sequence_is_the_same_alone<double>(GetParam().spec);
}

TEST_P(EncoderDecoderTest, FloatAgreesWithDouble) {
  const auto one_pass = [](const auto& model, const auto& x, const auto& targets) {
    return run(model, x, targets, 1);
  };
  expect_float_agrees_with_double<EncoderDecoder>(GetParam().spec, kSources, kTargets, one_pass);
}

// Symbols that were drawn count as given: the pass is the one with these symbols as its target.
TEST_P(EncoderDecoderTest, SampledSymbolsCountAsGiven) {
  EncoderDecoder<double> model(GetParam().spec, kInputs);
  shake(model);
  model.update_weights([&](std::span<double> w) {  // so that the end is never drawn
    for (const Parameter& p : model.parameters().all())
      if (p.name == "output.b") w[p.offset + kSymbols] = -1000;
  });
  const Sequences<double> x = some_sources<double>(kSources), targets = some_targets<double>(kTargets);
  const Outcome<double> drawn = run(model, x, targets, 1, 0.6);
  Sequences<double> given = targets;
  for (std::size_t b = 0; b < kTargets.size(); ++b)
    for (std::size_t u = 0; u < kTargets[b]; ++u) given.at(b, u)[0] = drawn.fed.at(b, u + 1)[0];
  EXPECT_GT(drawn_others(targets, drawn.fed), 2u);
  EXPECT_LT(drawn_others(targets, drawn.fed), 13u);
  EXPECT_TRUE(same_bits(drawn.logits.values(), run(model, x, given, 1).logits.values()));
}

template <class T>
void steps_give_the_bits_of_a_whole_pass(const std::string& spec) {
  EncoderDecoder<T> model(spec, kInputs);
  shake(model);
  ThreadPool pool(1);
  const Sequences<T> x = some_sources<T>(kSources), targets = some_targets<T>(kTargets);
  EncoderDecoderTrace<T> trace = model.make_trace();
  Sequences<T> logits;
  model.forward({.pool = &pool}, x, targets, 0, logits, trace);
  const AttentionDecoder<T>& decoder = model.decoder();
  const std::size_t B = kSources.size();
  AttentionMemory<T> memory;
  decoder.attention().remember(pool, trace.memory, memory);
  Tensor<T> state = trace.start, joined({B, decoder.joined()}), out({B, kSymbols + 1}), symbols({B, 1}),
            weights({B, 8});
  std::vector<T> scratch(B * decoder.step_scratch());
  std::vector<Gaze<T>> gazes;
  for (std::size_t b = 0; b < B; ++b) gazes.push_back({b, weights.matrix().row(b)});
  for (std::size_t t = 0; t < 7; ++t) {
    for (std::size_t b = 0; b < B; ++b)
      symbols[b] = t > 0 && t <= kTargets[b] ? targets.at(b, t - 1)[0] : static_cast<T>(kSymbols);
    decoder.step(memory, {std::as_const(symbols).matrix(), state.matrix(), joined.matrix(), gazes,
                          out.matrix(), scratch.data()});
    for (std::size_t b = 0; b < B; ++b)
      if (t <= kTargets[b]) {
        EXPECT_TRUE(same_bits(std::as_const(logits).at(b, t), std::as_const(out).matrix().row_span(b)));
        EXPECT_TRUE(same_bits(trace.decoder.weights_of(b).row_span(t),
                              std::as_const(weights).matrix().row_span(b).first(memory.steps(b))));
      }
  }
}

TEST_P(EncoderDecoderTest, StepsGiveTheBitsOfAWholePass) {
  steps_give_the_bits_of_a_whole_pass<float>(GetParam().spec);
  steps_give_the_bits_of_a_whole_pass<double>(GetParam().spec);
}

INSTANTIATE_TEST_SUITE_P(Members, EncoderDecoderTest, ::testing::ValuesIn(members()),
                         [](const auto& member) { return member.param.name; });

TEST(EncoderDecoderSpec, WhatCannotBeIsRefusedByName) {
  const auto refusal = [](const std::string& spec, const std::string& what) {
    EXPECT_THAT([&] { EncoderDecoder<float>(spec, 3); }, ThrowsMessage<SettingError>(HasSubstr(what)))
        << spec;
  };
  const std::string parts = "encoder_decoder(encoder(lstm 4), decoder(lstm 5))";
  refusal("lstm 4", "expected encoder_decoder");
  refusal(parts + " symbols=5, lstm 4", "expected encoder_decoder");
  refusal("encoder_decoder(lstm 4) symbols=5", "expected encoder_decoder(encoder(...), decoder(...))");
  refusal("encoder_decoder(decoder(lstm 4), encoder(lstm 4)) symbols=5", "expected encoder_decoder(encoder");
  refusal(parts, "symbols is missing");
  refusal(parts + " symbols=5 atention=dot", "did you mean \"attention\"");
  refusal(parts + " symbols=5 attention=dot", "4, which needs equal widths; use attention=multiplicative");
  refusal(parts + " symbols=5 attention=multiplicative attention_width=3", "belongs to attention=additive");
  refusal("encoder_decoder(encoder(dense 3), decoder(lstm 5)) symbols=5", "use bridge=none");
  refusal("encoder_decoder(encoder(lstm 3), decoder(lstm 5 learned_start=on)) symbols=5", "use bridge=none");
  refusal("encoder_decoder(encoder(lstm 3), decoder(bidirectional(lstm 5))) symbols=5",
          "bidirectional needs the whole sequence");
  refusal("encoder_decoder(encoder(lstm 3), decoder(embedding 5 4, lstm 5)) symbols=5", "option embedding=");
  EXPECT_THAT([] { Network<float>("encoder_decoder(encoder(lstm 3), decoder(lstm 3)) symbols=5", 1); },
              ThrowsMessage<SettingError>(HasSubstr("stands alone")));
}

TEST(EncoderDecoderFile, KeepsEverythingAndTheBits) {
  for (const Member& member : members()) {
    EncoderDecoder<float> model(member.spec, kInputs);
    shake(model);
    const Safetensors file = model_contents(model, {{"coding", "letters"}});
    for (const char* name : {"embedding.vectors", "output.W", "output.b"})
      EXPECT_NE(file.find(name), nullptr) << name;
    for (const NamedTensor& tensor : file.tensors)
      EXPECT_THAT(tensor.name,
                  ::testing::ContainsRegex("^(encoder|bridge|embedding|decoder|attention|output)\\."));
    const Loaded<EncoderDecoder<float>> loaded = encoder_decoder_from<float>(file, "a file");
    EXPECT_EQ(loaded.network.spec(), model.spec());
    EXPECT_EQ(loaded.metadata.at("coding"), "letters");
    EXPECT_TRUE(same_bits(model.weights(), loaded.network.weights()));
    ThreadPool pool(1);
    const Sequences<float> x = some_sources<float>(kSources);
    const SearchOptions options{.width = 3, .max_length = 8};
    const auto a = model.search(pool, x, options), b = loaded.network.search(pool, x, options);
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i][0].symbols, b[i][0].symbols);
      EXPECT_EQ(a[i][0].score, b[i][0].score);
    }
    EXPECT_THAT([&] { model_from<float>(file, "a file"); },
                ThrowsMessage<ModelError>(HasSubstr("stands alone")));
  }
  const Network<float> network("lstm 4", kInputs);
  EXPECT_THAT([&] { encoder_decoder_from<float>(model_contents(network, {}), "a file"); },
              ThrowsMessage<ModelError>(HasSubstr("expected encoder_decoder")));
}

TEST(EncoderDecoderFile, WeightsInFewerBitsAreKeptExactly) {
  for (const WeightFormat format : {WeightFormat::bf16, WeightFormat::int8}) {
    EncoderDecoder<float> model(members()[0].spec, kInputs);
    shake(model);
    model.pack({format, false});
    const auto loaded = encoder_decoder_from<float>(model_contents(model, {}), "a file");
    EXPECT_TRUE(same_bits(model.weights(), loaded.network.weights()));
    ThreadPool pool(1);
    const Sequences<float> x = some_sources<float>(kSources);
    const auto a = model.search(pool, x, {}), b = loaded.network.search(pool, x, {});
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i][0].score, b[i][0].score);
  }
}

TEST(EncoderDecoderPass, ADecodersPassOfAShapeHadBeforeAllocatesNothing) {
  for (const Member& member : members()) {
    EncoderDecoder<float> model(member.spec, kInputs);
    ThreadPool pool(1);
    const Pass pass{.pool = &pool, .training = true};
    const Sequences<float> x = some_sources<float>(kSources), targets = some_targets<float>(kTargets);
    EncoderDecoderTrace<float> trace = model.make_trace();
    Sequences<float> logits, dmemory;
    model.forward(pass, x, targets, 0, logits, trace);
    Tensor<float> dstart(trace.start.shape());
    std::vector<float> gradient(model.weights().size());
    const AttentionDecoder<float>& decoder = model.decoder();
    DecoderTrace<float> again = decoder.make_trace();
    std::size_t allocated = 0;
    for (int time = 0; time < 3; ++time) {
      const std::size_t before = testing::allocations();
      decoder.forward(pass, trace.memory, targets, 0.5, std::as_const(trace.start).matrix(), logits, again);
      decoder.backward(pass, logits, dstart.matrix(), dmemory, gradient, again);
      allocated = testing::allocations() - before;
    }
    EXPECT_EQ(allocated, 0u) << member.spec;
  }
}

TEST(EncoderDecoderPass, RefusesWhatIsNoTarget) {
  EncoderDecoder<float> model("encoder_decoder(encoder(lstm 4), decoder(lstm 5)) symbols=5", kInputs);
  ThreadPool pool(1);
  EncoderDecoderTrace<float> trace = model.make_trace();
  Sequences<float> logits, targets({2}, 1);
  targets.at(0, 1)[0] = 5;
  const Sequences<float> x = some_sources<float>({3});
  EXPECT_THAT([&] { model.forward({.pool = &pool}, x, targets, 0, logits, trace); },
              ThrowsMessage<Error>(HasSubstr("0 to 4, got 5 at step 1 of sequence 0")));
  EXPECT_THROW(model.forward({.pool = &pool}, x, Sequences<float>({1, 1}, 1), 0, logits, trace), Error);
  EXPECT_THROW(model.forward({.pool = &pool}, x, Sequences<float>({1}, 1), 1.5, logits, trace), SettingError);
}

}  // namespace
}  // namespace carousel
