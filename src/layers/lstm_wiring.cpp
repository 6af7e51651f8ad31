#include "layers/lstm_wiring.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <cmath>

namespace carousel {

namespace {

/// The option that cannot be wired, or "".
std::string unwirable(const LstmOptions& o) {
  if (o.forget_gate == ForgetGate::coupled) return "forget_gate=coupled";
  if (o.projection > 0) return "projection";
  if (std::isfinite(o.clip_cell) || std::isfinite(o.clip_gates)) return "clip_cell and clip_gates";
  if (o.layer_norm) return "layer_norm";
  if (o.chrono > 0) return "chrono";
  return "";
}

class LstmWiring {
 public:
  LstmWiring(std::size_t inputs, std::size_t hidden, const LstmOptions& options)
      : o_(options), hidden_(hidden), blocks_(hidden / options.cells_per_block) {
    wiring_.inputs = inputs;
  }

  Wiring make() {
    const bool o_before_c = o_.peephole != Peephole::none && o_.output_peephole == OutputPeephole::previous;
    if (o_.gate_recurrence != GateRecurrence::none) hold_gates();
    if (o_.input_gate) gate("i", 0);
    if (o_.forget_gate == ForgetGate::on) gate("f", o_.forget_bias);
    if (o_.output_gate && o_before_c) gate("o", 0);
    cell();
    if (o_.output_gate && !o_before_c) gate("o", 0);
    output();
    return std::move(wiring_);
  }

 private:
  void units(const char* name, std::size_t count, const kernels::Activation& activation = {}) {
    wiring_.groups.push_back({name, count, activation});
  }
  void connect(Connection connection) { wiring_.connections.push_back(std::move(connection)); }
  void carry(const char* from, const char* to, const char* gater = "", double weight = 1) {
    connect({.from = from, .to = to, .pairs = Pairs::each, .gater = gater, .weight = weight});
  }

  std::vector<std::string> gates() const {
    std::vector<std::string> names;
    if (o_.input_gate) names.push_back("i");
    if (o_.forget_gate == ForgetGate::on) names.push_back("f");
    if (o_.output_gate) names.push_back("o");
    return names;
  }

  void hold_gates() {
    for (const std::string& name : gates()) {
      const std::string held = name + "_before";
      units(held.c_str(), blocks_);
      carry(name.c_str(), held.c_str());
    }
  }

  /// What gates and cell inputs see.
  void see(const std::string& to, bool bias, bool held_gates, const std::string& gater = "") {
    connect({.from = "x", .to = to, .gater = gater});
    if (o_.feedback == Feedback::hidden) connect({.from = "h", .to = to, .gater = gater});
    if (held_gates)
      for (const std::string& name : gates()) connect({.from = name + "_before", .to = to, .gater = gater});
    if (bias) connect({.from = "one", .to = to, .gater = gater});
  }

  void gate(const char* name, double bias) {
    units(name, blocks_, o_.gate_activation);
    see(name, o_.bias != Biases::none, o_.gate_recurrence != GateRecurrence::none);
    if (o_.bias != Biases::none && bias != 0) wiring_.connections.back().start = bias;
    if (o_.peephole != Peephole::none)
      connect({.from = "c", .to = name, .pairs = o_.peephole == Peephole::full ? Pairs::all : Pairs::each});
  }

  void cell() {
    const bool linear = o_.input_activation == kernels::Activation{};
    const bool held_gates = o_.gate_recurrence == GateRecurrence::all, bias = o_.bias == Biases::all;
    const char* const i = o_.input_gate ? "i" : "";
    if (!linear) {
      units("g", hidden_, o_.input_activation);
      see("g", bias, held_gates);
    }
    if (!linear && o_.input_gate) {
      units("q", hidden_);
      carry("g", "q", "i");
    }
    units("c", hidden_);
    connect({.from = "c",
             .to = "c",
             .pairs = Pairs::self,
             .gater = o_.forget_gate == ForgetGate::on ? "f" : "",
             .weight = 1});
    if (linear) return see("c", bias, held_gates, i);
    carry("g", "c", i);
    if (!o_.input_gate) return;
    carry("i", "c", "g");
    carry("q", "c", "", -1);
  }

  void output() {
    const bool linear = o_.output_activation == kernels::Activation{};
    if (!linear) {
      units("z", hidden_, o_.output_activation);
      carry("c", "z");
    }
    units("h", hidden_);
    carry(linear ? "c" : "z", "h", o_.output_gate ? "o" : "");
    wiring_.outputs = {"h"};
  }

  const LstmOptions& o_;
  std::size_t hidden_, blocks_;
  Wiring wiring_;
};

}  // namespace

Wiring lstm_wiring(std::size_t inputs, std::size_t hidden, const LstmOptions& options) {
  if (const std::string option = unwirable(options); !option.empty())
    throw SettingError(fmt::format(
        "lstm_g: {} cannot be expressed by units, connections and gaters; leave it out, or use lstm",
        option));
  return LstmWiring(inputs, hidden, options).make();
}

const std::vector<std::string>& lstm_wiring_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> wirable;
    for (const LstmPreset& preset : lstm_presets())
      if (unwirable(preset.options).empty() && preset.name != "projected") wirable.push_back(preset.name);
    return wirable;
  }();
  return names;
}

}  // namespace carousel
