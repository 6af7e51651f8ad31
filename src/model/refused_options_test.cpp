// Options of layers that would mean nothing are refused, naming the option and what would work.
#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/network.h"

namespace carousel {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ThrowsMessage;

constexpr std::size_t kInputs = 16;

void expect_refused(const std::string& spec, const char* what, const char* instead) {
  EXPECT_THAT([&] { Network<float>(spec, kInputs); },
              ThrowsMessage<SettingError>(AllOf(HasSubstr(what), HasSubstr(instead))))
      << spec;
}

TEST(RefusedOptions, OfAnLstmCell) {
  const std::string no_gates = "lstm 4 input_gate=off forget_gate=off output_gate=off ";
  expect_refused(no_gates + "gate_activation=hard_sigmoid", "gate_activation: there is no gate",
                 "switch a gate on");
  expect_refused(no_gates + "bias=gates", "bias: there is no gate", "use bias=none");
  expect_refused("lstm 4 chrono=20 forget_bias=1", "forget_bias: is the first value", "no chrono");
  expect_refused("lstm 4 forget_gate=off forget_bias=1", "forget_bias: is the first", "use forget_gate=on");
  expect_refused("lstm 4 bias=none forget_bias=1", "forget_bias: is the first value",
                 "use forget_gate=on, bias=all");
  expect_refused("lstm 1 cells_per_block=2", "blocks have equal numbers",
                 "use hidden 2, or cells_per_block=1");
  for (const char* spec :
       {"no_peepholes 4 peephole=diagonal", "no_input_gate 4 input_gate=on",
        "no_forget_gate 4 forget_gate=coupled", "no_output_gate 4 output_gate=on",
        "no_input_activation 4 input_activation=tanh", "no_output_activation 4 output_activation=softsign"})
    expect_refused(spec, " is the cell that has none", "use lstm or peephole");
  for (const char* spec : {"no_peepholes 4 peephole=none forget_bias=2", "no_input_gate 4 input_gate=off",
                           "peephole 4 peephole=full", "lstm_1997 4 forget_gate=on forget_bias=1",
                           "lstm 4 input_gate=off forget_gate=off output_gate=off gate_activation=sigmoid"})
    EXPECT_NO_THROW(Network<float>(spec, kInputs)) << spec;
}

TEST(RefusedOptions, OfMemoryOverSpace) {
  expect_refused("md_lstm 4 size=4x4 directions=one merge=sum", "merge: sum adds", "use directions=all");
  expect_refused("md_lstm 4 size=4x4 window=5x5", "window: 5x5 is larger than the image", "at most 4x4");
  expect_refused("md_lstm 4 size=16 window=17", "window: 17 is larger than the image", "at most 16");
  expect_refused("conv_lstm 4 size=4x4 kernel=3x3x3", "kernel: has 3 dimensions, but size has 2",
                 "one for all");
  expect_refused("conv_lstm 4 size=5", "5 positions do not divide 16 features", "such as size=16");
  // 100,003 is prime, 99,999 = 3 * 33,333; an extent is at most 65,536.
  EXPECT_THAT([] { Network<float>("md_lstm 4 size=5", 100'003); },
              ThrowsMessage<SettingError>(HasSubstr("such as size=1")));
  EXPECT_THAT([] { Network<float>("conv_lstm 1 size=7", 99'999); },
              ThrowsMessage<SettingError>(HasSubstr("such as size=33333")));
  EXPECT_NO_THROW(Network<float>("md_lstm 4 size=4x4 window=4x3 directions=one merge=concat", kInputs));
}

TEST(RefusedOptions, OfWhatTrainingDoesToStates) {
  expect_refused("gru 4 zoneout_cell=0.1", "gru has no cell whose units could stay", "use zoneout_hidden");
  expect_refused("slstm 4 zoneout_cell=0.1", "while its normaliser goes on", "use zoneout_hidden");
  // What is refused is not offered.
  for (const char* spec : {"rnn 4 zoneout=0.1", "gru 4 zoneout=0.1", "slstm 4 zoneout=0.1"})
    EXPECT_THAT(
        [&] { Network<float>(spec, kInputs); },
        ThrowsMessage<SettingError>(AllOf(HasSubstr("zoneout_hidden"), Not(HasSubstr("zoneout_cell")))))
        << spec;
  expect_refused("slstm 6 heads=5", "5 heads cannot share 6 units evenly", "use 3 heads, or 10 units");
  expect_refused("mlstm 5 heads=3", "3 heads cannot share 5 units evenly", "use 1 head, or 6 units");
}

}  // namespace
}  // namespace carousel
