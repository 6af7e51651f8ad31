#include "cells/lstm_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace carousel {

namespace {

using Names = std::vector<std::string>;

LstmOptions peephole_options() {
  LstmOptions options;
  options.peephole = Peephole::diagonal;
  return options;
}

/// Hochreiter & Schmidhuber 1997: no forget gate, 4 s - 2 and 2 s - 1, all hidden units see all others.
LstmOptions lstm_1997() {
  LstmOptions options;
  options.forget_gate = ForgetGate::off;
  options.gate_recurrence = GateRecurrence::all;
  options.input_activation = {ActivationKind::scaled_sigmoid, 4, -2};
  options.output_activation = {ActivationKind::scaled_sigmoid, 2, -1};
  return options;
}

LstmOptions peephole_cell_feedback() {
  LstmOptions options;
  options.peephole = Peephole::full;
  options.output_peephole = OutputPeephole::previous;
  options.feedback = Feedback::none;
  return options;
}

template <class Change>
LstmOptions changed(LstmOptions options, Change&& change) {
  change(options);
  return options;
}

}  // namespace

const Names& forget_gate_names() {
  static const Names names = {"on", "off", "coupled"};
  return names;
}
const Names& peephole_names() {
  static const Names names = {"none", "diagonal", "full"};
  return names;
}
const Names& output_peephole_names() {
  static const Names names = {"current", "previous"};
  return names;
}
const Names& feedback_names() {
  static const Names names = {"hidden", "none"};
  return names;
}
const Names& gate_recurrence_names() {
  static const Names names = {"none", "gates", "all"};
  return names;
}
const Names& bias_names() {
  static const Names names = {"all", "gates", "none"};
  return names;
}
const Names& recurrent_start_names() {
  static const Names names = {"uniform", "orthogonal"};
  return names;
}

// The eight variants: Greff, Srivastava, Koutnik, Steunebrink, Schmidhuber, "LSTM: A Search Space Odyssey",
// 2015, section 3; each is `peephole` with one change.
const std::vector<LstmPreset>& lstm_presets() {
  static const std::vector<LstmPreset> presets = [] {
    const LstmOptions plain, vanilla = peephole_options();
    const kernels::Activation identity{ActivationKind::identity};
    const auto with = [&](auto&& change) { return changed(vanilla, change); };
    return std::vector<LstmPreset>{
        {"lstm", plain},
        {"lstm_1997", lstm_1997()},
        {"peephole", vanilla},
        {"peephole_cell_feedback", peephole_cell_feedback()},
        {"coupled", with([](LstmOptions& o) { o.forget_gate = ForgetGate::coupled; })},
        {"no_input_gate", with([](LstmOptions& o) { o.input_gate = false; })},
        {"no_forget_gate", with([](LstmOptions& o) { o.forget_gate = ForgetGate::off; })},
        {"no_output_gate", with([](LstmOptions& o) { o.output_gate = false; })},
        {"no_input_activation", with([&](LstmOptions& o) { o.input_activation = identity; })},
        {"no_output_activation", with([&](LstmOptions& o) { o.output_activation = identity; })},
        {"no_peepholes", plain},
        {"full_gate_recurrence", with([](LstmOptions& o) { o.gate_recurrence = GateRecurrence::gates; })},
        {"projected", plain},
    };
  }();
  return presets;
}

const LstmPreset& lstm_preset(std::string_view name) {
  return *std::ranges::find(lstm_presets(), name, &LstmPreset::name);
}

std::string contradicted(const LstmPreset& preset, const LstmOptions& o) {
  const LstmOptions& own = preset.options;
  if (preset.name == "no_peepholes" && o.peephole != own.peephole) return "peephole";
  if (preset.name == "no_input_gate" && o.input_gate != own.input_gate) return "input_gate";
  if (preset.name == "no_forget_gate" && o.forget_gate != own.forget_gate) return "forget_gate";
  if (preset.name == "no_output_gate" && o.output_gate != own.output_gate) return "output_gate";
  if (preset.name == "no_input_activation" && o.input_activation != own.input_activation)
    return "input_activation";
  if (preset.name == "no_output_activation" && o.output_activation != own.output_activation)
    return "output_activation";
  return "";
}

namespace {

/// Of no blocks of so many cells.
std::string whole_blocks(std::size_t hidden, std::size_t cells) {
  const std::size_t fewer = hidden / cells * cells;
  const std::string less = fewer > 0 ? fmt::format("{} or ", fewer) : "";
  return fmt::format("use hidden {}{}, or cells_per_block=1", less, fewer + cells);
}

}  // namespace

Impossible impossible(const LstmOptions& o, std::size_t hidden) {
  const auto some_gate = o.input_gate || o.output_gate || o.forget_gate == ForgetGate::on;
  if (o.forget_gate == ForgetGate::coupled && !o.input_gate)
    return {"forget_gate", "coupled is 1 - the input gate, which is off",
            "use forget_gate=on or input_gate=on"};
  if (!some_gate && o.peephole != Peephole::none)
    return {"peephole", "there is no gate to see the cell", "switch a gate on or use peephole=none"};
  if (!some_gate && o.gate_recurrence != GateRecurrence::none)
    return {"gate_recurrence", "there is no gate to feed back",
            "switch a gate on or use gate_recurrence=none"};
  if (!some_gate && o.gate_activation != LstmOptions{}.gate_activation)
    return {"gate_activation", "there is no gate to have one", "switch a gate on or leave it out"};
  if (!some_gate && o.bias == Biases::gates)
    return {"bias", "there is no gate to have one", "use bias=none, or bias=all for the cell input's"};
  if (o.output_peephole == OutputPeephole::previous && (o.peephole == Peephole::none || !o.output_gate))
    return {"output_peephole", "says which c the output gate sees",
            "use output_gate=on and peephole=diagonal or full"};
  if (hidden % o.cells_per_block != 0)
    return {"cells_per_block",
            fmt::format("hidden {} is no multiple of {}, and blocks have equal numbers of cells", hidden,
                        o.cells_per_block),
            whole_blocks(hidden, o.cells_per_block)};
  if (o.projection == 0 && std::isfinite(o.clip_projection))
    return {"clip_projection", "there is no projection to clip", "give projection=N, or use clip_cell"};
  if (o.projection > 0 && o.feedback == Feedback::none)
    return {"projection", "makes what is fed back narrower, but feedback=none",
            "use feedback=hidden, or a dense layer behind this one"};
  if (o.layer_norm && o.feedback == Feedback::none)
    return {"layer_norm", "normalises R h too, which feedback=none leaves out", "use feedback=hidden"};
  if (o.chrono > 0 && o.forget_gate != ForgetGate::on)
    return {"chrono", "sets the forget gate's bias", "use forget_gate=on"};
  if (o.recurrent_start != RecurrentStart::uniform && o.feedback == Feedback::none)
    return {"recurrent_start", "is of R, which feedback=none leaves out", "use feedback=hidden"};
  if (o.chrono > 0 && o.bias == Biases::none)
    return {"chrono", "sets biases, but bias=none", "use bias=all or bias=gates"};
  return {};
}

std::string to_text(const LstmOptions& o) {
  const LstmOptions plain;
  std::string text;
  const auto say = [&](const char* name, const auto& value, const auto& standard, const auto& written) {
    if (value != standard) text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, written);
  };
  const auto word = [](const Names& names, auto value) { return names[static_cast<std::size_t>(value)]; };
  const auto flag = [](bool on) { return on ? "on" : "off"; };
  say("input_gate", o.input_gate, plain.input_gate, flag(o.input_gate));
  say("forget_gate", o.forget_gate, plain.forget_gate, word(forget_gate_names(), o.forget_gate));
  say("output_gate", o.output_gate, plain.output_gate, flag(o.output_gate));
  say("peephole", o.peephole, plain.peephole, word(peephole_names(), o.peephole));
  say("output_peephole", o.output_peephole, plain.output_peephole,
      word(output_peephole_names(), o.output_peephole));
  say("feedback", o.feedback, plain.feedback, word(feedback_names(), o.feedback));
  say("gate_recurrence", o.gate_recurrence, plain.gate_recurrence,
      word(gate_recurrence_names(), o.gate_recurrence));
  say("cells_per_block", o.cells_per_block, plain.cells_per_block, o.cells_per_block);
  say("gate_activation", o.gate_activation, plain.gate_activation, to_text(o.gate_activation));
  say("input_activation", o.input_activation, plain.input_activation, to_text(o.input_activation));
  say("output_activation", o.output_activation, plain.output_activation, to_text(o.output_activation));
  say("projection", o.projection, plain.projection, o.projection);
  say("clip_cell", o.clip_cell, plain.clip_cell, o.clip_cell);
  say("clip_projection", o.clip_projection, plain.clip_projection, o.clip_projection);
  say("clip_gates", o.clip_gates, plain.clip_gates, o.clip_gates);
  say("layer_norm", o.layer_norm, plain.layer_norm, flag(o.layer_norm));
  say("bias", o.bias, plain.bias, word(bias_names(), o.bias));
  say("forget_bias", o.forget_bias, plain.forget_bias, o.forget_bias);
  say("chrono", o.chrono, plain.chrono, o.chrono);
  say("recurrent_start", o.recurrent_start, plain.recurrent_start,
      word(recurrent_start_names(), o.recurrent_start));
  return text;
}

}  // namespace carousel
