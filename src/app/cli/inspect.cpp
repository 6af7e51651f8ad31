// carousel inspect FILE
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "app/cli/arguments.h"
#include "app/cli/output.h"
#include "app/cli/text_table.h"
#include "base/thread_pool.h"
#include "kernels/target.h"
#include "model/model_file.h"
#include "tasks/run_folder.h"

namespace carousel::cli {

namespace {

using nlohmann::ordered_json;

/// Parameters of layer k: "layers.K." begins their names.
std::size_t layer_parameters(const Network<float>& network, std::size_t k) {
  const std::string prefix = fmt::format("layers.{}.", k);
  std::size_t count = 0;
  for (const Parameter& parameter : network.parameters().all())
    if (parameter.name.starts_with(prefix)) count += parameter.shape.size();
  return count;
}

/// "float32", or what the network keeps its matrices in.
std::string kept_as(const Network<float>& network, const Parameter& parameter) {
  return name(parameter.matrix ? network.packing().weights : WeightFormat::float32);
}

/// Threads for which schedules are shown: this machine's, at least two.
std::size_t threads_shown() { return std::max<std::size_t>(2, processor_count()); }

PassSchedule schedule_of(const Network<float>& network, std::size_t batch) {
  return network.schedule({threads_shown(), batch});
}

/// "one thread works on one sequence; 2 threads share 32 sequences by rows"
std::string schedules_text(const Network<float>& network) {
  const auto part = [&](std::size_t batch, const char* sequences) {
    const PassSchedule schedule = schedule_of(network, batch);
    if (schedule.threads == 1) return fmt::format("one thread works on {}", sequences);
    return fmt::format("{} threads share {} by {}", schedule.threads, sequences, name(schedule.by));
  };
  return part(1, "one sequence") + "; " + part(32, "32 sequences");
}

/// What layers say of themselves in several lines, under their names; those inside wrappers too.
void add_details(const Layer<float>& layer, const std::string& name,
                 std::vector<std::pair<std::string, std::string>>& out) {
  if (const std::string details = layer.details(); !details.empty()) out.emplace_back(name, details);
  for (std::size_t k = 0; k < layer.children().size(); ++k)
    add_details(*layer.children()[k], fmt::format("{}.{}", name, k), out);
}
std::vector<std::pair<std::string, std::string>> details(const Network<float>& network) {
  std::vector<std::pair<std::string, std::string>> all;
  for (std::size_t k = 0; k < network.layers().size(); ++k)
    add_details(*network.layers()[k], fmt::format("layers.{}", k), all);
  return all;
}

ordered_json inspect_json(const std::string& path, const LoadedModel<float>& model) {
  const Network<float>& network = model.network;
  ordered_json json;
  json["file"] = path;
  json["spec"] = to_text(network.spec());
  json["inputs"] = network.inputs();
  json["outputs"] = network.outputs();
  json["causal"] = network.causal();
  json["state_size"] = network.state_size();
  json["parameters"] = network.parameters().size();
  json["weights"] = name(network.packing().weights);
  json["layers"] = ordered_json::array();
  for (std::size_t k = 0; k < network.layers().size(); ++k) {
    const Layer<float>& layer = *network.layers()[k];
    json["layers"].push_back({{"layer", layer.description()},
                              {"inputs", layer.inputs()},
                              {"outputs", layer.outputs()},
                              {"parameters", layer_parameters(network, k)},
                              {"state_size", layer.state_size()}});
  }
  for (const auto& [name, text] : details(network)) json["details"][name] = text;
  json["tensors"] = ordered_json::array();
  for (const Parameter& parameter : network.parameters().all())
    json["tensors"].push_back({{"name", parameter.name},
                               {"shape", std::vector<std::size_t>(parameter.shape.extents().begin(),
                                                                  parameter.shape.extents().end())},
                               {"weights", kept_as(network, parameter)}});
  json["kernels"] = kernels::target_name();
  json["kernels_available"] = kernels::available_targets();
  json["schedules"] = ordered_json::array();
  for (const std::size_t batch : {1, 32})
    json["schedules"].push_back(
        {{"threads", threads_shown()}, {"batch", batch}, {"schedule", name(schedule_of(network, batch).by)}});
  json["metadata"] = model.metadata;
  return json;
}

std::string layers_text(const Network<float>& network, std::size_t width) {
  TextTable table{{"layer", "inputs", "outputs", "parameters", "state"}, {}};
  for (std::size_t k = 0; k < network.layers().size(); ++k) {
    const Layer<float>& layer = *network.layers()[k];
    table.rows.push_back({{fmt::format("layers.{}  {}", k, layer.description())},
                          {grouped(layer.inputs())},
                          {grouped(layer.outputs())},
                          {grouped(layer_parameters(network, k))},
                          {grouped(layer.state_size())}});
  }
  return to_text(table, width, false);
}

std::string tensors_text(const Network<float>& network, std::size_t width) {
  TextTable table{{"tensor", "shape", "values", "kept as"}, {}};
  for (const Parameter& parameter : network.parameters().all())
    table.rows.push_back({{parameter.name},
                          {parameter.shape.to_string()},
                          {grouped(parameter.shape.size())},
                          {kept_as(network, parameter)}});
  return to_text(table, width, false);
}

/// "key  value", the values below each other; a value of several lines, or too wide for that, stands below
/// its key.
std::string metadata_text(const Metadata& metadata, std::size_t width) {
  constexpr std::size_t kMaxKey = 24, kIndent = 2;
  std::size_t left = 0;
  for (const auto& [key, value] : metadata)
    if (key.size() <= kMaxKey) left = std::max(left, key.size());
  std::string out;
  for (const auto& [key, value] : metadata) {
    const std::string name = one_line(key), text = one_line(value);
    if (value.find('\n') == std::string::npos && name.size() <= left &&
        left + 2 + text_width(text) <= width) {
      out += fmt::format("{:{}}  {}\n", name, left, text);
      continue;
    }
    out += name + '\n';
    for (std::size_t at = 0; at < value.size();) {
      const std::size_t end = std::min(value.find('\n', at), value.size());
      if (end > at) out += wrapped(one_line(value.substr(at, end - at)), kIndent, width) + '\n';
      at = end + 1;
    }
  }
  return out;
}

std::string inspect_text(const std::string& path, const LoadedModel<float>& model) {
  const Network<float>& network = model.network;
  const Terminal terminal(1);
  const std::size_t width = terminal.columns();
  const auto heading = [&](const char* text) {
    return '\n' + styled(text, Style::bold, terminal.colours()) + '\n';
  };
  std::string out = wrapped(fmt::format("{}: {}", one_line(path), to_text(network.spec())), 0, width) + '\n';
  out += wrapped(fmt::format("{} inputs and {} outputs a time step; {} parameters, matrices in {}; {}",
                             grouped(network.inputs()), grouped(network.outputs()),
                             grouped(network.parameters().size()), name(network.packing().weights),
                             network.causal() ? fmt::format("runs step by step with {} values of state",
                                                            grouped(network.state_size()))
                                              : "looks ahead: needs whole sequences"),
                 0, width) +
         '\n';
  out += heading("Layers") + layers_text(network, width);
  for (const auto& [name, text] : details(network)) out += '\n' + name + '\n' + text;
  out += heading("Tensors") + tensors_text(network, width);
  out += heading("Kernels") +
         wrapped(fmt::format("{}; this machine has {}, and all give the same bits", kernels::target_name(),
                             fmt::join(kernels::available_targets(), ", ")),
                 0, width) +
         '\n' + wrapped(schedules_text(network), 0, width) + '\n';
  return out + heading("Metadata") + metadata_text(model.metadata, width);
}

int inspect(const CLI::App& parser, const std::string& file, const Common& common) {
  require_value(parser, file, "FILE, a model file or the folder of a run,");
  const std::string path = model_file(file);
  const LoadedModel<float> model = load_model<float>(path);
  write_result(common.json ? json_line(inspect_json(path, model)) : inspect_text(path, model));
  return kDone;
}

}  // namespace

void add_inspect(CLI::App& program, Commands& commands) {
  const auto common = std::make_shared<Common>();
  const auto file = std::make_shared<std::string>();
  CLI::App* parser = add_parser(
      program, "inspect",
      "shows what is in a model file: layers, shapes, parameters, kernels, where it comes from", *common);
  parser->add_option("file", *file, "model file, or folder of a run")->type_name("FILE");
  set_examples(*parser, {"carousel inspect runs/passengers",
                         "carousel inspect runs/passengers/model.safetensors --json"});
  commands.push_back({parser, common, [parser, file, common] { return inspect(*parser, *file, *common); }});
}

}  // namespace carousel::cli
