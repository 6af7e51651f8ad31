// The public Model and Stream: saving, loading, predicting, streaming, and files that are not what they
// should be.
#include <carousel/error.h>
#include <carousel/model.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <thread>

#include "base/file.h"
#include "model/model_file.h"
#include "model/model_testing.h"
#include "model/safetensors.h"
#include "support/count_allocations.h"
#include "support/same_bits.h"

namespace carousel {
namespace {

using testing::allocations;
using testing::same_bits;

std::vector<float> wave(std::size_t n, float phase = 0) {
  std::vector<float> values(n);
  for (std::size_t i = 0; i < n; ++i)
    values[i] = static_cast<float>((i * 37 + 11) % 101) / 50.0f - 1.0f + phase;
  return values;
}

class ModelTest : public ::testing::Test {
 protected:
  ModelTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("carousel_model_test_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~ModelTest() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  template <class Change>
  std::string refusal(Change&& change) {
    return carousel::refusal(Model::create("lstm 4, dense 1", 2, 1), folder_.string(), change);
  }

  std::filesystem::path folder_;
};

TEST_F(ModelTest, ASavedModelGivesTheSameBitsAndBytes) {
  Model model = Model::create("lstm 16, dropout 0.1, lstm 8, dense 2", 3, 42);
  model.set_metadata("task", "test");
  model.save(path("a"));
  const Model loaded = Model::load(path("a"));
  EXPECT_EQ(loaded.spec(), "lstm 16, dropout 0.1, lstm 8, dense 2");
  EXPECT_EQ(loaded.metadata().at("task"), "test");
  EXPECT_TRUE(same_bits(loaded.predict(wave(60)), model.predict(wave(60))));
  loaded.save(path("b"));
  EXPECT_EQ(read_file(path("a"), 1 << 20), read_file(path("b"), 1 << 20));
}

TEST_F(ModelTest, PredictingManyEqualsPredictingEach) {
  const Model model = Model::create("lstm 24, dense 2", 2, 1);
  const std::vector<std::vector<float>> batch = {wave(30), wave(0), wave(100, 0.1f), wave(2)};
  const auto together = model.predict(batch, 2);
  for (std::size_t b = 0; b < batch.size(); ++b)
    EXPECT_TRUE(same_bits(together[b], model.predict(batch[b]))) << b;
}

TEST_F(ModelTest, AStreamGivesTheBitsOfTheWholeAndCanBeSavedAndMoved) {
  const Model model = Model::create("lstm 9, residual(lstm 9), dense 1", 1, 3);
  const std::vector<float> x = wave(50), whole = model.predict(x);
  std::vector<float> stepped(50);
  Stream stream = model.open_stream();
  for (std::size_t t = 0; t < 20; ++t) stream.step(&x[t], &stepped[t]);
  const std::vector<float> saved(stream.state().begin(), stream.state().end());
  stream.reset();
  Stream other = model.open_stream();
  std::ranges::copy(saved, other.state().begin());
  for (std::size_t t = 20; t < 50; ++t) other.step(&x[t], &stepped[t]);
  EXPECT_TRUE(same_bits(whole, stepped));
}

TEST_F(ModelTest, StreamsSteppedTogetherEqualStreamsApart) {
  const Model model = Model::create("lstm 11, dense 2", 1, 3);
  const std::vector<float> a = wave(10), b = wave(10, 0.5f);
  Stream both = model.open_stream(2);
  for (std::size_t t = 0; t < 10; ++t) {
    const float x[2] = {a[t], b[t]};
    float y[4];
    both.step(x, y);
    if (t == 4) both.reset(1);
    EXPECT_EQ(y[0], model.predict(std::span(a).first(t + 1))[2 * t]);
    if (t > 4) {
      EXPECT_EQ(y[2], model.predict(std::span(b).subspan(5, t - 4))[2 * (t - 5)]);
    }
  }
}

TEST_F(ModelTest, AStepAllocatesNothing) {
  const Model model = Model::create("lstm 40, residual(lstm 40), dense 3 tanh, dropout 0.5, dense 1", 2, 3);
  Stream stream = model.open_stream(3);
  const std::vector<float> x = wave(6);
  std::vector<float> y(3);
  const std::size_t before = allocations();
  for (int i = 0; i < 100; ++i) stream.step(x.data(), y.data());
  EXPECT_EQ(allocations(), before);
  { const std::vector<float> probe(1000); }
  EXPECT_GT(allocations(), before) << "the counter does not count";
  static_assert(noexcept(stream.step(x.data(), y.data())));
}

TEST_F(ModelTest, ABidirectionalModelCannotBeStreamed) {
  for (const auto& [spec, layer] : std::vector<std::pair<std::string, std::string>>{
           {"bidirectional(lstm 4), dense 1", "layers.0 (bidirectional) needs the whole sequence"},
           {"lstm 4, pyramid", "layers.1 (pyramid)"},
           {"conv1d 4 kernel=3 stride=2", "layers.0 (conv1d)"},
           {"parallel(lstm 2, pool max window=3 stride=1)", "layers.0 (parallel)"}}) {
    try {
      Model::create(spec, 1).open_stream();
      FAIL() << spec << " accepted";
    } catch (const SettingError& error) {
      EXPECT_NE(std::string(error.what()).find(layer), std::string::npos) << error.what();
    }
  }
  EXPECT_NO_THROW(Model::create("conv1d 4 kernel=3, lstm 2", 1).open_stream());
}

TEST_F(ModelTest, AShorteningModelSaysHowLongItsOutputsAre) {
  const Model model = Model::create("pyramid, lstm 4, pool mean window=3", 2, 3);
  EXPECT_EQ(model.output_length(13), 3u);
  EXPECT_EQ(model.output_length(0), 0u);
  const auto outputs = model.predict({wave(26), {}, wave(2), wave(8)}, 2);
  EXPECT_EQ(outputs[0].size(), 3u * 4);
  EXPECT_TRUE(outputs[1].empty());
  EXPECT_EQ(outputs[2].size(), 4u);
  EXPECT_TRUE(same_bits(outputs[3], model.predict(wave(8))));
  model.save(path("a"));
  EXPECT_TRUE(same_bits(Model::load(path("a")).predict(wave(26)), outputs[0]));
}

TEST_F(ModelTest, AnyNumberOfThreadsMayUseItAtOnce) {
  const Model model = Model::create("lstm 20, bidirectional(lstm 8), dense 2", 2, 5);
  const Model causal = Model::create("lstm 20, dense 2", 2, 5);
  const std::vector<float> x = wave(60), whole = model.predict(x), stepped = causal.predict(x);
  std::vector<std::vector<float>> found(8, std::vector<float>(60));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      if (i % 2 == 0) {
        found[i] = model.predict(x);
      } else {
        Stream stream = causal.open_stream();
        for (std::size_t t = 0; t < 30; ++t) stream.step(&x[2 * t], &found[i][2 * t]);
      }
    });
  for (auto& thread : threads) thread.join();
  for (std::size_t i = 0; i < 8; ++i) EXPECT_TRUE(same_bits(found[i], i % 2 == 0 ? whole : stepped)) << i;
}

TEST_F(ModelTest, MoreStreamsThanMemoryCouldHoldAreRefused) {
  const std::size_t most = std::numeric_limits<std::size_t>::max();
  EXPECT_THROW(Model::create("dense 8, dense 1", 1).open_stream(most / 8), Error);
  EXPECT_THROW(Model::create("lstm 8, dense 1", 1).open_stream(most / 8), Error);
}

TEST_F(ModelTest, ASpecThatDoublesAtEveryLevelIsRefusedBeforeItIsBuilt) {
  std::string spec = "lstm 1";
  for (int depth = 0; depth < 16; ++depth) spec.insert(0, "bidirectional(").append(") merge=sum");
  try {
    Model::create(spec, 1);
    FAIL() << "accepted";
  } catch (const SettingError& error) {
    EXPECT_NE(std::string(error.what()).find("layers"), std::string::npos) << error.what();
  }
  EXPECT_NO_THROW(Model::create("bidirectional(bidirectional(lstm 1)) merge=sum", 1));
}

TEST_F(ModelTest, NewWeightsLeaveOpenStreamsAlone) {
  Model model = Model::create("lstm 4, dense 1", 1, 1);
  const Model copy = model;
  Stream stream = model.open_stream();
  std::vector<float> weights(model.weights().begin(), model.weights().end());
  for (float& w : weights) w *= 2;
  const float x = 0.5f, before = copy.predict(std::span(&x, 1))[0];
  model.set_weights(weights);
  float y = 0;
  stream.step(&x, &y);
  EXPECT_EQ(y, before);
  EXPECT_NE(model.predict(std::span(&x, 1))[0], before);
  EXPECT_THROW(model.set_weights(std::vector<float>(3)), Error);
  weights[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(model.set_weights(weights), Error);
}

TEST_F(ModelTest, ALengthThatIsNoMultipleOfTheInputsIsRefused) {
  EXPECT_THROW(Model::create("lstm 4", 3).predict(wave(10)), Error);
}

TEST_F(ModelTest, WhatIsNoSymbolIsRefusedWithItsPlace) {
  const Model model = Model::create("embedding 5 4, lstm 9, lstm 7", 1, 1);
  std::vector<float> text(200, 3.0f);
  EXPECT_EQ(model.predict(text).size(), 200u * 7);
  text[150] = 5;
  try {
    model.predict(std::vector<std::vector<float>>{text}, 2);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("got 5 at step 150 of sequence 0"), std::string::npos)
        << error.what();
  }
  float symbol = 5, y[7];
  model.open_stream().step(&symbol, y);
  EXPECT_TRUE(std::isnan(y[0]));
}

/// Each spec must be refused with a message of one line that holds what stands beside it.
void expect_refused(const std::vector<std::pair<std::string, std::string>>& cases) {
  for (const auto& [spec, word] : cases) {
    try {
      Model::create(spec, 3);
      FAIL() << spec << " accepted";
    } catch (const SettingError& error) {
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << spec << ": " << error.what();
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << spec;
    }
  }
}

TEST_F(ModelTest, WiringsThatCannotBeBuiltAreRefusedWithTheirPlace) {
  expect_refused({
      {"lstm_g", "hidden is missing"},
      {"lstm_g 4 wiring=coupled", "wiring is \"coupled\", expected one of lstm, lstm_1997, peephole"},
      {"lstm_g 4 cells_per_block=3", "column 10: lstm_g: cells_per_block: hidden 4 is no multiple of 3"},
      {"lstm_g 60000", "lstm_g: connect h i: more than 67108864 pairs"},
      {"lstm_g(units a 2 tanh, connect x b, outputs a)",
       "column 32: lstm_g: there is no group of units \"b\""},
      {"lstm_g(unit a 2 tanh)", "column 8: lstm_g: found \"unit\", expected one of units, connect, outputs"},
      {"lstm_g(units a 2 tanh, connect x a weight=x)", "column 36: lstm_g: weight: found \"x\""},
      {"lstm_g(units a(dense 1) 2 tanh)", "column 15: found '(', expected it right after \"units\""},
      {"lstm_g(units a 2 tanh, connect x a)", "column 24: lstm_g: there are no outputs"},
      {"lstm_g(units a 2 tanh, outputs a) 4", "found \"4\", expected no value"},
  });
}

TEST_F(ModelTest, SpecsThatCannotBeBuiltAreRefusedWithTheirPlace) {
  expect_refused({
      {"", "is empty"},
      {"lsmt 4", "did you mean"},
      {"lstm 0", "hidden"},
      {"lstm -3", "hidden"},
      {"lstm 4.5", "hidden"},
      {"lstm 99999999999999999999", "hidden"},
      {"lstm", "hidden"},
      {"lstm 4 4", "lstm"},
      {"lstm 4 peepholes=on", "peepholes"},
      {"dropout 1.5", "rate"},
      {"dropout nan", "rate"},
      {"dense 3 swish", "activation: expected one of identity, sigmoid"},
      {"dense 3 tanh:2", "activation: tanh has 0 parameters, got 1"},
      {"dense 3 scaled_tanh:0", "alpha must not be 0"},
      {"dense 3 scaled_tanh:1e-60", "alpha must not be 0, nor within 1e-06 of it"},
      {"no_forget_gate 4 forget_bias=2",
       "use forget_gate=on, bias=all or gates, and no chrono, with peephole in place of no_forget_gate"},
      {"no_input_gate 4 forget_gate=coupled",
       "use forget_gate=on or input_gate=on, with peephole in place of no_input_gate"},
      {"no_peepholes 4 output_peephole=previous",
       "peephole=diagonal or full, with peephole in place of no_peepholes"},
      {"lstm 4 clip_cell=none", "a number from 1e-06 to 1e+30, or off"},
      {"lstm 4 chrono=50 forget_bias=2", "forget_bias: is the first value of the forget gate's bias"},
      {"peephole_cell_feedback 4 recurrent_start=orthogonal", "recurrent_start: is of R"},
      {"dense 3 elu:x", "expected a number behind the colon, got \"x\""},
      {"lstm 4 input_gate=off forget_gate=coupled", "forget_gate: coupled is 1 - the input gate"},
      {"lstm 4 output_peephole=previous", "output_peephole: says which c the output gate sees"},
      {"no_output_gate 4 output_peephole=previous",
       "use output_gate=on and peephole=diagonal or full, with peephole in place of no_output_gate"},
      {"lstm_1997 5 cells_per_block=2",
       "blocks have equal numbers of cells; use hidden 4 or 6, or cells_per_block=1"},
      {"lstm 4 clip_projection=1", "give projection=N"},
      {"projected 4", "projected 512 projection=128"},
      {"peephole_cell_feedback 4 projection=2", "projection: makes what is fed back narrower"},
      {"peephole_cell_feedback 4 layer_norm=on", "layer_norm: normalises R h too"},
      {"peephole_cell_feedback 4 variational_dropout=0.1", "use feedback=hidden"},
      {"no_forget_gate 4 chrono=100", "use forget_gate=on, with peephole in place of no_forget_gate"},
      {"no_input_gate 4 forget_gate=off output_gate=off", "switch a gate on or use peephole=none"},
      {"no_forget_gate 4 forget_gate=off chrono=100", "with peephole in place of no_forget_gate"},
      {"coupled 4 chrono=100", "chrono: sets the forget gate's bias; use forget_gate=on"},
      {"lstm 4 chrono=100 bias=none", "chrono: sets biases"},
      {"lstm 4 input_gate=off forget_gate=off output_gate=off peephole=diagonal", "no gate to see the cell"},
      {"lstm 4 input_gate=off forget_gate=off output_gate=off gate_recurrence=all", "no gate to feed back"},
      {"gru 4 variational_dropout=0.1", "use zoneout_hidden"},
      {"gru 4 zoneout_cell=0.1", "no cell whose units could stay"},
      {"conv_lstm 4", "size is missing"},
      {"conv_lstm 4 size=2x2", "4 positions do not divide 3 features"},
      {"conv_lstm 4 size=0x3", "such as 3x3"},
      {"conv_lstm 4 size=3 kernel=3x3", "kernel: has 2 dimensions, but size has 1"},
      {"conv_lstm 4 size=3 output_peephole=previous", "needs peephole=diagonal"},
      {"md_lstm 4 size=3x1x1x1", "up to three whole numbers"},
      {"md_lstm 4 size=3 directions=both", "directions"},
      {"conv_lstm 65536 size=1x1x1 recurrent_kernel=65536x65536x65536",
       "recurrent_kernel: 65536 x 65536 x 65536 places"},
      {"conv_lstm 4 size=1x1 kernel=60000", "kernel: 1 x 60000 x 60000 places of 3 numbers"},
      {"md_lstm 4 size=1x1 window=60000", "window: 1 x 60000 x 60000 places"},
  });
}

TEST_F(ModelTest, CompositionsThatCannotBeBuiltAreRefusedWithTheirPlace) {
  expect_refused({
      {"residual(lstm 5)", "equal widths"},
      {"residual(lstm 3, pyramid, dense 3)", "x + y needs equal lengths; put pool, pyramid and conv1d"},
      {"parallel(lstm 3, stack(lstm 2, pool max))",
       "column 1: parallel: stack inside makes sequences shorter"},
      {"parallel(conv1d 2 kernel=3 padding=none)", "parallel: conv1d inside makes sequences shorter"},
      {"parallel", "expected layers in parentheses"},
      {"parallel(dense 2, lstm 0)", "column 24: lstm: hidden"},
      {"stack()", "found nothing in the parentheses"},
      {"layer_norm 3", "expected no value"},
      {"layer_norm eps=0", "eps is"},
      {"conv1d 4", "kernel is missing"},
      {"conv1d 4 kernel=0", "kernel is"},
      {"conv1d 4 kernel=3 padding=full", "one of causal, same, none"},
      {"conv1d 4 kernel=1000 dilation=1000", "dilation: (kernel - 1) * dilation is 999000 steps"},
      {"pool", "pooling is missing"},
      {"pool sum", "one of max, mean"},
      {"pool max window=2 stride=3", "stride is \"3\", expected a whole number from 1 to 2"},
      {"pyramid factor=1", "factor is"},
      {"lstm 40000, pyramid", "factor: 2 times 40000 features"},
      {"softmax 1", "outputs is"},
      {"softmax 3 log=maybe", "one of on, off"},
      {"mixture 0", "components is"},
      {"mixture 60000 outputs=60000", "components: 60000 of 60000 outputs"},
      {"gru 4 reset=never", "one of after, before"},
      {"embedding 5 4", "takes one feature"},
      {"embedding 16777217 4", "from 1 to 16777216"},
      {"lstm 1, embedding 5 4", "column 9: embedding: takes the numbers of symbols"},
      {"bidirectional(lstm 4) merge=product", "merge"},
      {"bidirectional", "bidirectional"},
      {"lstm 4(dense 3)", "lstm"},
      {"lstm 65536, lstm 65536, lstm 65536", "parameters"},
  });
  EXPECT_THROW(Model::create("lstm 4", 0), SettingError);
}

TEST_F(ModelTest, RelativesThatCannotBeBuiltAreRefusedWithTheirPlace) {
  expect_refused({
      {"min_lstm 4 candidate=tanh", "one of linear, positive"},
      {"min_gru 4 forget_bias=x", "forget_bias"},
      {"mlstm 10 heads=4", "heads: 4 heads cannot share 10 units evenly; use 2 heads, or 12 units"},
      {"mlstm 8 forget_activation=relu", "one of sigmoid, exponential"},
      {"mlstm 65536", "heads: a head of 65536 units has a memory of 65536 x 65536"},
      {"slstm 3 heads=9", "heads: 9 heads cannot share 3 units evenly; use 3 heads, or 9 units"},
      {"rnn 4 activation=sigmoid", "one of tanh, relu"},
  });
}

TEST_F(ModelTest, FilesThatAreNoModelAreRefusedWithTheirPlace) {
  auto metadata = [](const char* key, const char* value) {
    return [=](Safetensors& file) { file.metadata[key] = value; };
  };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<std::pair<std::string, std::string>> cases = {
      {refusal([](Safetensors& f) { f.metadata.clear(); }), "\"format\""},
      {refusal(metadata("format", "pt")), "carousel model"},
      {refusal(metadata("format_version", "3")), "newer"},
      {refusal(metadata("format_version", "x")), "format_version"},
      {refusal(metadata("inputs", "0")), "inputs"},
      {refusal(metadata("inputs", "-1")), "inputs"},
      {refusal(metadata("inputs", "3")), "layers.0.W"},
      {refusal(metadata("inputs", "18446744073709551615")), "input features"},
      {refusal(metadata("spec", "lstm 4, dense 2")), "layers.1.W"},
      {refusal(metadata("spec", "lstm 60000, dense 60000")), "parameters"},
      {refusal(metadata("spec", "lstm 4")), "tensors"},
      {refusal(metadata("spec", "lstm")), "spec"},
      {refusal([](Safetensors& f) { f.tensors.pop_back(); }), "missing"},
      {refusal([](Safetensors& f) { f.tensors[0].name = "other"; }), "layers.0.W"},
      {refusal([&](Safetensors& f) { std::memcpy(f.tensors[1].bytes.data() + 8, &nan, sizeof(nan)); }),
       "element 2"},
      {refusal([](Safetensors& f) {
         const std::vector<double> wide(f.tensors[0].shape.size());
         f.tensors[0] = NamedTensor::of<double>("layers.0.W", f.tensors[0].shape, wide);
       }),
       "F64"},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_NE(cases[i].first.find(cases[i].second), std::string::npos)
        << "case " << i << ": " << cases[i].first;
    EXPECT_NE(cases[i].first.find("/refused: "), std::string::npos)
        << "the file is not named: " << cases[i].first;
  }
}

}  // namespace
}  // namespace carousel
