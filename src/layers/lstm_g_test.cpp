// lstm_g wired as an LSTM against the LSTM cell: the same numbers from the same weights.
#include "layers/lstm_g.h"

#include <carousel/error.h>
#include <gtest/gtest.h>

#include <map>

#include "cells/lstm_cell.h"
#include "layers/lstm_wiring.h"
#include "layers/recurrent.h"

namespace carousel {
namespace {

constexpr std::size_t kInputs = 3, kHidden = 6;

/// A layer on its own, with its parameters by name.
struct Single {
  explicit Single(LayerPointer<double> made) : layer(std::move(made)) {
    layer->declare(table, "l");
    weights.assign(table.size(), 0.0);
    for (const Parameter& parameter : table.all()) by_name[parameter.name] = &parameter;
  }
  std::span<double> at(const std::string& name) {
    const Parameter& parameter = *by_name.at(name);
    return std::span(weights).subspan(parameter.offset, parameter.shape.size());
  }

  LayerPointer<double> layer;
  ParameterTable table;
  std::vector<double> weights;
  std::map<std::string, const Parameter*> by_name;
};

/// Rows of the cell's stacked parameters, unit by unit of i, f, g, o, to the wiring's own ones.
class Copy {
 public:
  Copy(const LstmOptions& options, Single& cell, Single& wired) : o_(options), cell_(cell), wired_(wired) {
    const bool linear = o_.input_activation == kernels::Activation{};
    if (o_.input_gate) gates_.push_back("i");
    if (o_.forget_gate == ForgetGate::on) gates_.push_back("f");
    units_ = gates_;
    units_.push_back(linear ? "c" : "g");
    if (o_.output_gate) units_.push_back("o"), gates_.push_back("o");
  }

  void all() {
    const std::size_t blocks = kHidden / o_.cells_per_block;
    std::size_t row = 0, b_row = 0, gate_row = 0;
    for (const std::string& unit : units_) {
      const bool gate = std::ranges::find(gates_, unit) != gates_.end();
      const std::size_t n = gate ? blocks : kHidden;
      rows("l.W", row, n, kInputs, unit, "x");
      if (o_.feedback == Feedback::hidden) rows("l.R", row, n, kHidden, unit, "h");
      if (o_.bias == Biases::all || (o_.bias == Biases::gates && gate)) {
        rows("l.b", b_row, n, 1, unit, "one");
        b_row += n;
      }
      if (gate && o_.peephole == Peephole::full) rows("l.P", gate_row, n, kHidden, unit, "c");
      if (gate && o_.peephole == Peephole::diagonal) rows("l.p", gate_row, n, kHidden / blocks, unit, "c");
      if (o_.gate_recurrence == GateRecurrence::all ||
          (o_.gate_recurrence == GateRecurrence::gates && gate)) {
        const std::size_t q_row = o_.gate_recurrence == GateRecurrence::all ? row : gate_row;
        for (std::size_t j = 0; j < gates_.size(); ++j)
          columns("l.Q", q_row, n, gates_.size() * blocks, j * blocks, blocks, unit, gates_[j] + "_before");
      }
      row += n;
      if (gate) gate_row += n;
    }
  }

 private:
  void rows(const char* name, std::size_t row, std::size_t n, std::size_t width, const std::string& to,
            const std::string& from) {
    columns(name, row, n, width, 0, width, to, from);
  }
  void columns(const char* name, std::size_t row, std::size_t n, std::size_t width, std::size_t column,
               std::size_t count, const std::string& to, const std::string& from) {
    const std::span<const double> source = cell_.at(name);
    const std::span<double> target = wired_.at("l." + to + "." + from);
    ASSERT_EQ(target.size(), n * count) << to << " " << from;
    for (std::size_t k = 0; k < n; ++k)
      for (std::size_t i = 0; i < count; ++i) target[k * count + i] = source[(row + k) * width + column + i];
  }

  const LstmOptions& o_;
  Single &cell_, &wired_;
  std::vector<std::string> gates_, units_;
};

/// Largest difference between outputs of a ragged batch from zero states.
double difference(const LstmOptions& options) {
  Single cell(std::make_unique<Recurrent<double>>(
      std::make_unique<LstmCell<double>>("lstm", kInputs, kHidden, options)));
  Single wired(std::make_unique<LstmG<double>>(lstm_wiring(kInputs, kHidden, options)));
  EXPECT_EQ(cell.weights.size(), wired.weights.size());
  const Random random(4, 1);
  for (std::size_t i = 0; i < cell.weights.size(); ++i) cell.weights[i] = random.uniform(i, -0.7, 0.7);
  Copy(options, cell, wired).all();
  Sequences<double> x({30, 0, 200, 7}, kInputs);
  for (std::size_t i = 0; i < x.values().size(); ++i) x.values()[i] = random.uniform(100000 + i, -1, 1);
  ThreadPool pool(1);
  std::vector<Sequences<double>> y(2);
  for (std::size_t which : {0, 1}) {
    Single& single = which == 0 ? cell : wired;
    single.layer->pack(single.weights, {});
    Tensor<double> state({4, single.layer->state_size()});
    const auto trace = single.layer->make_trace();
    single.layer->forward({.pool = &pool}, x, state.matrix(), y[which], *trace);
  }
  double largest = 0;
  for (std::size_t i = 0; i < y[0].values().size(); ++i)
    largest = std::max(largest, std::abs(y[0].values()[i] - y[1].values()[i]));
  return largest;
}

TEST(LstmG, WiredAsAPresetGivesWhatTheCellGives) {
  EXPECT_GE(lstm_wiring_names().size(), 10u);
  for (const LstmPreset& preset : lstm_presets()) {
    if (std::ranges::find(lstm_wiring_names(), preset.name) == lstm_wiring_names().end()) continue;
    EXPECT_LT(difference(preset.options), 1e-12) << preset.name;
    LstmOptions blocks = preset.options;
    blocks.cells_per_block = 3;
    EXPECT_LT(difference(blocks), 1e-12) << preset.name << " in blocks";
  }
}

TEST(LstmG, WiredWithOptionsGivesWhatTheCellGives) {
  LstmOptions options;
  options.peephole = Peephole::diagonal;
  options.output_peephole = OutputPeephole::previous;
  options.bias = Biases::gates;
  EXPECT_LT(difference(options), 1e-12);
  options.bias = Biases::none;
  options.gate_recurrence = GateRecurrence::gates;
  options.cells_per_block = 2;
  EXPECT_LT(difference(options), 1e-12);
  options.peephole = Peephole::full;
  options.output_peephole = OutputPeephole::current;
  options.input_activation = options.output_activation = {};
  EXPECT_LT(difference(options), 1e-12);
  options.output_gate = false;
  EXPECT_LT(difference(options), 1e-12);
}

TEST(LstmG, WhatCannotBeWiredIsRefused) {
  LstmOptions coupled, clipped;
  coupled.forget_gate = ForgetGate::coupled;
  clipped.clip_cell = 1;
  EXPECT_THROW(lstm_wiring(2, 4, coupled), SettingError);
  EXPECT_THROW(lstm_wiring(2, 4, clipped), SettingError);
}

// One unit that counts: s = s + x, gated by a unit that is 1 where its input is large.
TEST(LstmG, UnitsActInTheirOrder) {
  Wiring wiring;
  wiring.inputs = 2;
  wiring.groups = {{"a", 1, {}}, {"b", 1, {}}};
  wiring.connections = {
      {.from = "x", .to = "a"},                                                   // two weights
      {.from = "b", .to = "a", .weight = 10},                                     // of the last step
      {.from = "a", .to = "b", .pairs = Pairs::each, .gater = "a", .weight = 2},  // of this one
      {.from = "b", .to = "b", .pairs = Pairs::self, .gater = "b", .weight = 0.5}};
  wiring.outputs = {"b", "a"};
  Single net(std::make_unique<LstmG<double>>(wiring));
  ASSERT_EQ(net.weights.size(), 2u);
  net.weights = {1, 3};
  net.layer->pack(net.weights, {});
  std::vector<double> state(4, 0.0), y(2), scratch(net.layer->step_scratch(1));
  double a = 0, b = 0;
  for (const auto& [x0, x1] : {std::pair(1.0, 2.0), std::pair(-0.5, 0.25), std::pair(0.0, 0.125)}) {
    const double x[] = {x0, x1};
    const double a_now = x0 + 3 * x1 + 10 * b;
    b = 0.5 * b * b + 2 * a_now * a_now;  // the gater of b's own connection is b of the step before
    a = a_now;
    net.layer->step(View<const double>(x, 1, 2), View<double>(state.data(), 1, 4),
                    View<double>(y.data(), 1, 2), scratch.data());
    EXPECT_DOUBLE_EQ(y[0], b);
    EXPECT_DOUBLE_EQ(y[1], a);
  }
}

}  // namespace
}  // namespace carousel
