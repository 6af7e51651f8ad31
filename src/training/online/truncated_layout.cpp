#include "training/online/truncated_layout.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "model/read_layers.h"

namespace carousel {

namespace {

[[noreturn]] void refuse(std::span<const LayerSpec> spec) {
  throw SettingError(fmt::format(
      "online_1997: found the network \"{}\", expected an LSTM and a dense layer behind it, such as "
      "\"lstm_1997 8, dense 1\", or, for outputs that see the inputs as well, \"parallel(dropout 0, "
      "lstm_1997 8), dense 1\"",
      to_text(spec)));
}

bool is_lstm(const LayerSpec& layer) {
  return std::ranges::find(lstm_presets(), layer.kind, &LstmPreset::name) != lstm_presets().end();
}

bool passes_on(const LayerSpec& layer) {
  if (layer.kind != "dropout") return false;
  LayerReader read(layer);
  return read.number("rate", 0.0, 0.99) == 0;
}

/// The option that the rule has no equations for, or "".
std::string unknown(const LstmOptions& o) {
  if (o.forget_gate == ForgetGate::coupled) return "forget_gate=coupled";
  if (o.peephole == Peephole::full) return "peephole=full";
  if (o.projection > 0) return "projection";
  if (std::isfinite(o.clip_cell) || std::isfinite(o.clip_gates)) return "clip_cell and clip_gates";
  if (o.layer_norm) return "layer_norm";
  return "";
}

LstmSpec read_known_lstm(const LayerSpec& layer) {
  LayerReader read(layer);
  const LstmSpec lstm = read_lstm(read);
  std::string option = unknown(lstm.options);
  for (const char* name : {"variational_dropout", "zoneout_hidden", "zoneout_cell", "drop_connect",
                           "weight_noise", "learned_start"})
    if (option.empty() && read.has_option(name)) option = name;
  if (!option.empty())
    read.refuse(fmt::format("online_1997 has no rule for {}; leave it out, or learn by bptt", option));
  return lstm;
}

}  // namespace

TruncatedShape truncated_shape(std::span<const LayerSpec> spec, std::size_t inputs) {
  if (spec.size() != 2 || spec[1].kind != "dense") refuse(spec);
  const LayerSpec& first = spec[0];
  const bool direct = first.kind == "parallel" && first.layers.size() == 2 && passes_on(first.layers[0]);
  const LayerSpec& inner = direct ? first.layers[1] : first;
  if (!is_lstm(inner)) refuse(spec);
  const LstmSpec lstm = read_known_lstm(inner);
  LayerReader read(spec[1]);
  const DenseSpec dense = read_dense(read);
  return {.inputs = inputs,
          .hidden = lstm.hidden,
          .outputs = dense.outputs,
          .options = lstm.options,
          .activation = dense.activation,
          .output_bias = dense.bias,
          .direct = direct,
          .lstm = direct ? "layers.0.1" : "layers.0",
          .dense = "layers.1"};
}

TruncatedLayout::TruncatedLayout(const TruncatedShape& shape)
    : F(shape.inputs),
      S(shape.options.cells_per_block),
      B(shape.hidden / S),
      H(shape.hidden),
      N(shape.outputs) {
  const LstmOptions& options = shape.options;
  const auto append = [](std::size_t& width, bool there, std::size_t count) {
    const Units appended{width, there ? count : 0};
    width += appended.count;
    return appended;
  };
  const bool forgets = options.forget_gate == ForgetGate::on;
  gates = 0;
  i = append(gates, options.input_gate, B);
  f = append(gates, forgets, B);
  o = append(gates, options.output_gate, B);
  units = gates;
  g = append(units, true, H);
  gate_traces = 0;
  trace_i = append(gate_traces, options.input_gate, H);
  trace_f = append(gate_traces, forgets, H);
  traces = gate_traces;
  trace_g = append(traces, true, H);
  sources = 0;
  const auto seen = [&](bool there, std::size_t count, bool gates_alone) {
    const Units added = append(sources, there, count);
    return Sources{added.begin, added.count, gates_alone};
  };
  x = seen(true, F, false);
  h = seen(options.feedback == Feedback::hidden, H, false);
  before = seen(options.gate_recurrence != GateRecurrence::none, gates,
                options.gate_recurrence == GateRecurrence::gates);
  one = seen(options.bias != Biases::none, 1, options.bias == Biases::gates);
  output_sources = 0;
  output_x = append(output_sources, shape.direct, F);
  output_h = append(output_sources, true, H);
  output_one = append(output_sources, shape.output_bias, 1);
  peepholes = options.peephole == Peephole::diagonal;
  p_i = checked_multiply(sources, units, "weights");
  p_f = p_i + (peepholes && i ? H : 0);
  p_o = p_f + (peepholes && f ? H : 0);
  V = p_o + (peepholes && o ? H : 0);
  weights = checked_add(V, checked_multiply(output_sources, N, "weights"), "weights");
}

std::vector<std::size_t> TruncatedLayout::places(const TruncatedShape& shape,
                                                 const ParameterTable& table) const {
  std::vector<std::size_t> all(weights, kNone);
  // The network's rows are i | f | g | o.
  const auto unit_of = [&](std::size_t row) {
    if (row < g.begin - o.count) return row;
    return row < g.begin - o.count + g.count ? row + o.count : row - g.count;
  };
  const auto place = [&](const std::string& name, const Sources& from) {
    for (const Parameter& parameter : table.all()) {
      if (parameter.name != shape.lstm + name) continue;
      const std::size_t rows = from.gates_alone ? gates : units;
      for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t m = 0; m < from.count; ++m)
          all[W + (from.begin + m) * units + (from.gates_alone ? row : unit_of(row))] =
              parameter.offset + row * from.count + m;
    }
  };
  place(".W", x), place(".R", h), place(".Q", before), place(".b", one);
  for (const Parameter& parameter : table.all()) {
    if (parameter.name == shape.lstm + ".p")
      for (std::size_t k = p_i; k < V; ++k) all[k] = parameter.offset + (k - p_i);
    const std::size_t seen = output_x.count + output_h.count;
    if (parameter.name == shape.dense + ".W")
      for (std::size_t m = 0; m < seen; ++m)
        for (std::size_t k = 0; k < N; ++k) all[V + m * N + k] = parameter.offset + k * seen + m;
    if (parameter.name == shape.dense + ".b")
      for (std::size_t k = 0; k < N; ++k) all[V + output_one.begin * N + k] = parameter.offset + k;
  }
  return all;
}

}  // namespace carousel
