// carousel inspect FILE
#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/cli/arguments.h"
#include "app/cli/model_parts.h"
#include "app/cli/output.h"
#include "app/cli/text_table.h"
#include "base/counted.h"
#include "base/thread_pool.h"
#include "kernels/target.h"
#include "model/builder.h"
#include "model/model_file.h"
#include "tasks/run_folder.h"

namespace carousel::cli {

namespace {

using nlohmann::ordered_json;

/// "float32", or what the model keeps its matrices in.
std::string kept_as(const Weighted<float>& model, const Parameter& parameter) {
  return name(parameter.matrix ? model.packing().weights : WeightFormat::float32);
}

/// How a part of a model, where it has several, shares `batch` things out.
struct ShownSchedule {
  std::string part;
  std::size_t batch;
  std::string things;
  PassSchedule schedule;
};

/// For this machine's threads, at least two.
std::size_t threads_shown() { return std::max<std::size_t>(2, processor_count()); }

std::vector<ShownSchedule> schedules_of(const Network<float>& network) {
  const std::size_t threads = threads_shown();
  return {{"network", 1, "one sequence", network.schedule({threads, 1})},
          {"network", 32, "32 sequences", network.schedule({threads, 32})}};
}
std::vector<ShownSchedule> schedules_of(const EncoderDecoder<float>& model) {
  const std::size_t threads = threads_shown();
  return {{"encoder", 1, "one source", model.encoder().schedule({threads, 1})},
          {"encoder", 32, "32 sources", model.encoder().schedule({threads, 32})},
          {"search", 1, "one hypothesis", model.decoder().search_schedule({threads, 1})},
          {"search", 32, "32 hypotheses", model.decoder().search_schedule({threads, 32})}};
}

std::vector<ShownSchedule> schedules_of(const Transducer<float>& model) {
  const std::size_t threads = threads_shown();
  return {{"encoder", 1, "one source", model.parts().encoder->schedule({threads, 1})},
          {"encoder", 32, "32 sources", model.parts().encoder->schedule({threads, 32})}};
}

/// "one thread works on one sequence; 2 threads share 32 sequences by rows"
std::string schedules_text(const std::vector<ShownSchedule>& schedules) {
  std::vector<std::string> texts;
  for (const auto& [part, batch, things, schedule] : schedules)
    texts.push_back(schedule.threads == 1 ? fmt::format("one thread works on {}", things)
                                          : fmt::format("{} threads share {} by {}", schedule.threads, things,
                                                        name(schedule.by)));
  return fmt::format("{}", fmt::join(texts, "; "));
}

ordered_json json_of(const std::vector<ModelPart>& parts, ordered_json& details) {
  ordered_json all = ordered_json::array();
  for (const ModelPart& part : parts) {
    ordered_json json = {{"name", part.name},       {"layer", part.text},
                         {"kernel", nullptr},       {"inputs", part.inputs},
                         {"outputs", part.outputs}, {"parameters", part.parameters},
                         {"state_size", part.state}};
    if (!part.kernel.empty()) json["kernel"] = part.kernel;
    if (!part.inside.empty()) json["layers"] = json_of(part.inside, details);
    if (!part.details.empty()) details[part.name] = part.details;
    all.push_back(std::move(json));
  }
  return all;
}

ordered_json facts_json(const Network<float>& network) {
  return {{"inputs", network.inputs()},
          {"outputs", network.outputs()},
          {"causal", network.causal()},
          {"state_size", network.state_size()}};
}
/// Of what puts out symbols.
template <class Net>
ordered_json facts_json(const Net& model) {
  return {{"inputs", model.inputs()}, {"symbols", model.symbols()}};
}

template <class Net>
ordered_json inspect_json(const std::string& path, const Loaded<Net>& model) {
  const Net& network = model.network;
  ordered_json json, details;
  json["file"] = nullptr;
  if (!path.empty()) json["file"] = path;
  json["spec"] = to_text(network.spec());
  json.update(facts_json(network));
  json["parameters"] = network.parameters().size();
  json["weights"] = name(network.packing().weights);
  json["layers"] = json_of(parts_of(network), details);
  if (!details.empty()) json["details"] = details;
  json["tensors"] = ordered_json::array();
  for (const Parameter& parameter : network.parameters().all())
    json["tensors"].push_back({{"name", parameter.name},
                               {"shape", std::vector<std::size_t>(parameter.shape.extents().begin(),
                                                                  parameter.shape.extents().end())},
                               {"weights", kept_as(network, parameter)}});
  json["kernels"] = kernels::target_name();
  json["kernels_available"] = kernels::available_targets();
  json["schedules"] = ordered_json::array();
  for (const ShownSchedule& s : schedules_of(network))
    json["schedules"].push_back({{"part", s.part},
                                 {"threads", threads_shown()},
                                 {"batch", s.batch},
                                 {"schedule", name(s.schedule.by)}});
  json["metadata"] = model.metadata;
  return json;
}

/// What is inside a part stands below it, further in.
void add_rows(const std::vector<ModelPart>& parts, std::size_t depth, TextTable& table) {
  for (const ModelPart& part : parts) {
    table.rows.push_back({{fmt::format("{:{}}{}  {}{}{}", "", 2 * depth, part.name, part.text,
                                       part.kernel.empty() ? "" : "; ", part.kernel)},
                          {grouped(part.inputs)},
                          {grouped(part.outputs)},
                          {grouped(part.parameters)},
                          {grouped(part.state)}});
    add_rows(part.inside, depth + 1, table);
  }
}

std::string layers_text(const std::vector<ModelPart>& parts, std::size_t width) {
  TextTable table{{"layer", "inputs", "outputs", "parameters", "state"}, {}};
  add_rows(parts, 0, table);
  return to_text(table, width, false);
}

std::string details_text(const std::vector<ModelPart>& parts) {
  std::string out;
  for (const ModelPart& part : parts) {
    if (!part.details.empty()) out += '\n' + part.name + '\n' + part.details;
    out += details_text(part.inside);
  }
  return out;
}

std::string tensors_text(const Weighted<float>& model, std::size_t width) {
  TextTable table{{"tensor", "shape", "values", "kept as"}, {}};
  for (const Parameter& parameter : model.parameters().all())
    table.rows.push_back({{parameter.name},
                          {parameter.shape.to_string()},
                          {grouped(parameter.shape.size())},
                          {kept_as(model, parameter)}});
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

std::string facts_text(const Network<float>& network) {
  return fmt::format(
      "{} inputs and {} outputs a time step; {} parameters, matrices in {}; {}", grouped(network.inputs()),
      grouped(network.outputs()), grouped(network.parameters().size()), name(network.packing().weights),
      network.causal()
          ? fmt::format("runs step by step with {} values of state", grouped(network.state_size()))
          : "looks ahead: needs whole sequences");
}
template <class Net>
std::string facts_text(const Net& model) {
  return fmt::format("{} inputs a time step, {} symbols put out; {} parameters, matrices in {}",
                     grouped(model.inputs()), grouped(model.symbols()), grouped(model.parameters().size()),
                     name(model.packing().weights));
}

template <class Net>
std::string inspect_text(const std::string& path, const Loaded<Net>& model) {
  const Net& network = model.network;
  const std::vector<ModelPart> parts = parts_of(network);
  const Terminal terminal(1);
  const std::size_t width = terminal.columns();
  const auto heading = [&](const char* text) {
    return '\n' + styled(text, Style::bold, terminal.colours()) + '\n';
  };
  const std::string from = path.empty() ? "" : one_line(path) + ": ";
  std::string out = wrapped(from + to_text(network.spec()), 0, width) + '\n';
  out += wrapped(facts_text(network), 0, width) + '\n';
  out += heading("Layers") + layers_text(parts, width) + details_text(parts);
  out += heading("Tensors") + tensors_text(network, width);
  out += heading("Kernels") +
         wrapped(fmt::format("{}; this machine has {}, and all give the same bits", kernels::target_name(),
                             fmt::join(kernels::available_targets(), ", ")),
                 0, width) +
         '\n' + wrapped(schedules_text(schedules_of(network)), 0, width) + '\n';
  return model.metadata.empty() ? out : out + heading("Metadata") + metadata_text(model.metadata, width);
}

template <class Net>
void show(const std::string& path, const Loaded<Net>& model, const Common& common) {
  write_result(common.json ? json_line(inspect_json(path, model)) : inspect_text(path, model));
}

/// What would be built, of no file.
void inspect_spec(const std::string& spec, std::size_t inputs, const Common& common) {
  const std::vector<LayerSpec> layers = parse_spec(spec);
  if (is_encoder_decoder(layers))
    show("", Loaded<EncoderDecoder<float>>{EncoderDecoder<float>(layers, inputs), {}}, common);
  else if (is_transducer(layers))
    show("", Loaded<Transducer<float>>{Transducer<float>(layers, inputs), {}}, common);
  else
    show("", Loaded<Network<float>>{Network<float>(layers, inputs), {}}, common);
}

/// Rather than the name of a file.
bool is_spec(const std::string& text) {
  try {
    return std::ranges::count(layer_kinds(), parse_spec(text).front().kind) > 0;
  } catch (const SettingError&) {
    return false;
  }
}

int inspect(const CLI::App& parser, const std::string& file, std::size_t inputs, const Common& common) {
  require_value(parser, file, "FILE, a model file or the folder of a run, or with --inputs a SPEC,");
  std::error_code none;
  const bool there = std::filesystem::exists(file, none);
  if (inputs > 0 && there && !is_spec(file))
    throw SettingError(
        fmt::format("--inputs: is for a SPEC, and {} is there; leave --inputs out", one_line(file)));
  if (inputs > 0) {
    inspect_spec(file, inputs, common);
    return kDone;
  }
  if (!there && is_spec(file))
    throw SettingError(
        fmt::format("--inputs: is missing: there is no file '{}'; if it is layers, say how many features "
                    "they are given, e.g. --inputs 3",
                    one_line(file)));
  const std::string path = model_file(file);
  std::visit([&](const auto& model) { show(path, model, common); }, load_any_model<float>(path));
  return kDone;
}

}  // namespace

void add_inspect(CLI::App& program, Commands& commands) {
  const auto common = std::make_shared<Common>();
  const auto file = std::make_shared<std::string>();
  CLI::App* parser = add_parser(
      program, "inspect",
      "shows what is in a model file, or what a spec describes: layers, shapes, parameters, kernels",
      *common);
  const auto inputs = std::make_shared<std::size_t>(0);
  parser->add_option("file", *file, "model file, or folder of a run; with --inputs, layers")
      ->type_name("FILE|SPEC");
  add_value(*parser, "--inputs", "N", "shows what the layers of SPEC would be with N features a time step",
            "FILE says it",
            [inputs](const std::string& text) { *inputs = parse_count("--inputs", text, 1); });
  set_examples(*parser, {"carousel inspect runs/passengers",
                         "carousel inspect runs/passengers/model.safetensors --json",
                         "carousel inspect \"bidirectional(peephole 64), dense 2\" --inputs 3"});
  commands.push_back(
      {parser, common, [parser, file, inputs, common] { return inspect(*parser, *file, *inputs, *common); }});
}

}  // namespace carousel::cli
