#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cells/gru_cell.h"
#include "cells/lstm_cell.h"
#include "layers/recurrent.h"
#include "model/builders.h"
#include "model/read_layers.h"

namespace carousel {

namespace {

constexpr double kMostClip = 1e30;

LstmOptions read_options(LayerReader& read, LstmOptions o) {
  const auto word = [&](const char* option, const std::vector<std::string>& names, auto& value) {
    const std::string& standard = names[static_cast<std::size_t>(value)];
    value = named<std::remove_reference_t<decltype(value)>>(read.option_word(option, names, standard), names);
  };
  const auto limit = [&](const char* option, double standard) {
    return read.option_number_or_off(option, 1e-6, kMostClip, standard,
                                     std::numeric_limits<double>::infinity());
  };
  o.input_gate = read.option_flag("input_gate", o.input_gate);
  word("forget_gate", forget_gate_names(), o.forget_gate);
  o.output_gate = read.option_flag("output_gate", o.output_gate);
  word("peephole", peephole_names(), o.peephole);
  word("output_peephole", output_peephole_names(), o.output_peephole);
  word("feedback", feedback_names(), o.feedback);
  word("gate_recurrence", gate_recurrence_names(), o.gate_recurrence);
  o.cells_per_block = read.option_integer("cells_per_block", 1, kMaxWidth, o.cells_per_block);
  o.gate_activation = read_activation(read, "gate_activation", o.gate_activation);
  o.input_activation = read_activation(read, "input_activation", o.input_activation);
  o.output_activation = read_activation(read, "output_activation", o.output_activation);
  o.projection = read.option_integer("projection", 0, kMaxWidth, o.projection);
  o.clip_cell = limit("clip_cell", o.clip_cell);
  o.clip_projection = limit("clip_projection", o.clip_projection);
  o.clip_gates = limit("clip_gates", o.clip_gates);
  o.layer_norm = read.option_flag("layer_norm", o.layer_norm);
  word("bias", bias_names(), o.bias);
  o.forget_bias = read.option_number("forget_bias", -100.0, 100.0, o.forget_bias);
  o.chrono = read.option_number_or_off("chrono", 3.0, 1e9, o.chrono, 0.0);
  word("recurrent_start", recurrent_start_names(), o.recurrent_start);
  return o;
}

/// What impossible() says, and of the option that is read here and is none of the cell's.
Impossible impossible_here(LayerReader& read, const LstmOptions& options, std::size_t hidden) {
  const bool forget_bias =
      options.forget_gate == ForgetGate::on && options.bias != Biases::none && options.chrono == 0;
  if (read.has_option("forget_bias") && !forget_bias)
    return {"forget_bias", "is the first value of the forget gate's bias",
            "use forget_gate=on, bias=all or gates, and no chrono"};
  return impossible(options, hidden);
}

/// Where what would work is what a member lacks by its name, no_...: that another one must have it.
std::string lacking(const LstmPreset& preset, const std::string& works) {
  constexpr std::string_view no = "no_";
  if (!preset.name.starts_with(no)) return "";
  std::string own = preset.name.substr(no.size());
  if (own == "peepholes") own = "peephole";
  return works.find(own) == std::string::npos ? ""
                                              : fmt::format(", with peephole in place of {}", preset.name);
}

}  // namespace

LstmSpec read_lstm(LayerReader& read) {
  const LstmPreset& preset = lstm_preset(read.kind());
  const std::size_t hidden = read.integer("hidden", 1, kMaxWidth);
  const LstmOptions options = read_options(read, preset.options);
  if (preset.name == "projected" && options.projection == 0)
    read.refuse("needs the width of what is fed back, e.g. projected 512 projection=128");
  if (const Impossible found = impossible_here(read, options, hidden); !found.option.empty())
    read.refuse(found.option, found.text() + lacking(preset, found.works));
  if (const std::string option = contradicted(preset, options); !option.empty())
    read.refuse(option, fmt::format("{} is the cell that has none; use lstm or peephole with this option, or "
                                    "leave it out",
                                    preset.name));
  return {hidden, options};
}

template <class T>
LayerPointer<T> build_lstm(LayerReader& read, std::size_t inputs) {
  const auto [hidden, options] = read_lstm(read);
  for (const char* option : {"variational_dropout", "drop_connect"})
    if (options.feedback == Feedback::none && read.option_number(option, 0.0, 0.99, 0.0) > 0)
      read.refuse(option, "acts where h is fed back, but feedback=none; use feedback=hidden");
  return build_recurrent<T>(read, std::make_unique<LstmCell<T>>(read.kind(), inputs, hidden, options));
}

template <class T>
LayerPointer<T> build_gru(LayerReader& read, std::size_t inputs) {
  const std::size_t hidden = read.integer("hidden", 1, kMaxWidth);
  const std::string reset = read.option_word("reset", gru_reset_names(), "after");
  return named<GruReset>(reset, gru_reset_names()) == GruReset::after
             ? build_recurrent<T>(read, std::make_unique<GruCell<T, GruReset::after>>(inputs, hidden))
             : build_recurrent<T>(read, std::make_unique<GruCell<T, GruReset::before>>(inputs, hidden));
}

template LayerPointer<float> build_lstm(LayerReader&, std::size_t);
template LayerPointer<double> build_lstm(LayerReader&, std::size_t);
template LayerPointer<float> build_gru(LayerReader&, std::size_t);
template LayerPointer<double> build_gru(LayerReader&, std::size_t);

}  // namespace carousel
