#include "tasks/sequence_model.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "data/cells.h"
#include "model/builder.h"
#include "model/two_parts.h"
#include "tasks/model_metadata.h"
#include "tasks/run_folder.h"
#include "tasks/setting_checks.h"
#include "tasks/settings_file.h"
#include "tasks/text_vocabulary.h"

namespace carousel {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char *kKeywordThreshold = "keyword_threshold", *kSymbolBonus = "symbol_bonus";

Vocabulary vocabulary_from(const Json& json) {
  Vocabulary vocabulary = Vocabulary::parse(json.dump());
  check_vocabulary(vocabulary, false);
  return vocabulary;
}

std::string coding_text(const SequenceCoding& coding) {
  Json json;
  json["features"] = coding.features;
  if (!coding.columns.empty()) json["columns"] = coding.columns;
  json["step_seconds"] = coding.step_seconds;
  json["scalers"] = Json::array();
  for (const Scaler& scaler : coding.scalers) json["scalers"].push_back({scaler.offset, scaler.scale});
  json["symbols"] = Json::parse(coding.symbols.text());
  json["targets"] = Json::parse(coding.targets.text());
  return json.dump();
}

void read_coding(const std::string& text, SequenceCoding& coding) {
  const Json json = Json::parse(text);
  coding.features = json.at("features").get<std::size_t>();
  coding.columns = json.value("columns", coding.columns);
  coding.step_seconds = json.at("step_seconds").get<double>();
  for (const Json& scaler : json.at("scalers")) {
    coding.scalers.push_back({scaler.at(0).get<double>(), scaler.at(1).get<double>()});
    if (!std::isfinite(coding.scalers.back().offset) || !(coding.scalers.back().scale > 0))
      throw ModelError("coding: expected scalers that are finite and above 0");
  }
  coding.symbols = vocabulary_from(json.at("symbols"));
  coding.targets = vocabulary_from(json.at("targets"));
  if (coding.outputs() < 2 ||
      (coding.of_symbols() ? coding.features != 1 : coding.scalers.size() != coding.features))
    throw ModelError("coding: expected a scaler for each feature, or symbols, and at least two targets");
}

SequenceCoding coding_from(const Metadata& metadata, SequenceJob job) {
  SequenceSettings wanted;
  wanted.job = job;
  require_task(metadata, wanted.task());
  SequenceCoding coding;
  coding.settings = as_own_task(wanted, [&](auto own) -> SequenceSettings {
    own = from_toml<decltype(own)>(metadata_entry(metadata, "settings"), "settings");
    check_settings(own);
    return own;
  });
  if (coding.settings.training.epochs == 0 || coding.settings.training.batch == 0)
    throw ModelError("settings: expected those of a finished set-up, found some that are not decided");
  read_coding(metadata_entry(metadata, "coding"), coding);
  return coding;
}

std::string dropout_behind(const SequenceSettings& settings) {
  return settings.dropout > 0 ? fmt::format(", dropout {}", settings.dropout) : "";
}

/// The layers that settings describe, before those of input and output.
std::string hidden_layers(const SequenceSettings& settings) {
  if (settings.layers) return *settings.layers;
  std::string text;
  for (std::size_t layer = 0; layer < settings.depth; ++layer) {
    if (layer > 0) text += ", ";
    text += fmt::format("bidirectional(lstm {}){}", settings.hidden, dropout_behind(settings));
  }
  return text;
}

/// Those of a transducer that read what has been written so far.
std::string prediction_layers(const SequenceSettings& settings) {
  return settings.prediction.value_or(fmt::format("lstm {}{}", settings.hidden, dropout_behind(settings)));
}

}  // namespace

std::string sequence_spec(const SequenceCoding& coding) {
  const SequenceSettings& settings = coding.settings;
  std::string text;
  if (coding.of_symbols()) text = fmt::format("embedding {} {}, ", coding.symbols.size(), settings.embedding);
  text += hidden_layers(settings);
  if (settings.job == SequenceJob::transcribe && settings.method == TranscribeMethod::transducer)
    return fmt::format("transducer(encoder({}), prediction({})) symbols={} embedding={} joint={}", text,
                       prediction_layers(settings), coding.blank(), settings.embedding, settings.hidden);
  if (settings.job == SequenceJob::classify) {
    const auto stack = in_layers([&] { return build_stack<float>(parse_spec(text), coding.features); });
    if (stack->output_length(kMostSteps) != 1) text += ", pool mean window=all";
  }
  return text + fmt::format(", dense {}", coding.outputs());
}

Network<float> build_sequence_network(const SequenceCoding& coding) {
  Network<float> network = in_layers(
      [&] { return Network<float>(sequence_spec(coding), coding.features, coding.settings.training.seed); });
  if (coding.settings.job == SequenceJob::label && network.output_length(2) != 2)
    throw SettingError(
        "layers: they make sequences shorter, but every step is to have a label; leave out pool, pyramid "
        "and conv1d with a stride or padding=none");
  return network;
}

Transducer<float> build_sequence_transducer(const SequenceCoding& coding) {
  // Alone first, so that a message's columns are those of what was typed.
  const SequenceSettings& settings = coding.settings;
  if (settings.prediction)
    in_option("prediction", [&] {
      return build_symbol_reader<float>(parse_spec(*settings.prediction), settings.embedding, "prediction");
    });
  return in_layers([&] {
    return Transducer<float>(sequence_spec(coding), coding.features, coding.settings.training.seed);
  });
}

template <class Net>
void save_sequence_model(const std::string& path, const SequenceCoding& coding, const Net& network,
                         const Metadata& provenance, const SequenceTuning& tuned) {
  Metadata metadata =
      task_metadata(coding.settings.task(),
                    as_own_task(coding.settings, [](const auto& own) { return to_toml(own); }), provenance);
  metadata["coding"] = coding_text(coding);
  if (tuned.keyword_threshold) metadata[kKeywordThreshold] = fmt::format("{}", *tuned.keyword_threshold);
  if (tuned.symbol_bonus != 0) metadata[kSymbolBonus] = fmt::format("{}", tuned.symbol_bonus);
  save_model(path, network, metadata);
}

template void save_sequence_model(const std::string&, const SequenceCoding&, const Network<float>&,
                                  const Metadata&, const SequenceTuning&);
template void save_sequence_model(const std::string&, const SequenceCoding&, const Transducer<float>&,
                                  const Metadata&, const SequenceTuning&);

namespace {

void check_sizes(const SequenceCoding& coding, std::size_t inputs, std::size_t outputs) {
  if (inputs != coding.features || outputs != coding.outputs())
    throw ModelError(fmt::format("the network has {} inputs and {} outputs, expected {} and {}", inputs,
                                 outputs, coding.features, coding.outputs()));
}

/// The number under a key, where there is one. Throws ModelError for one out of range.
std::optional<double> number_in(const Metadata& metadata, const char* key, double min, double max) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) return std::nullopt;
  const auto number = Json::parse(found->second).get<double>();
  if (!(number >= min && number <= max))
    throw ModelError(fmt::format("{}: found {}, expected a number from {} to {}", key, number, min, max));
  return number;
}

SequenceTuning tuning_from(const Metadata& metadata) {
  constexpr double kMost = std::numeric_limits<double>::max();
  return {number_in(metadata, kKeywordThreshold, -kMost, 0),
          number_in(metadata, kSymbolBonus, -kMostSymbolBonus, kMostSymbolBonus).value_or(0)};
}

/// What a file says beside its weights has to be of the job, and of this kind of network.
template <class Net>
SequenceModel model_of(Loaded<Net>& loaded, SequenceJob job) {
  SequenceCoding coding = coding_from(loaded.metadata, job);
  constexpr bool kTransducer = std::is_same_v<Net, Transducer<float>>;
  if ((coding.settings.method == TranscribeMethod::transducer) != kTransducer)
    throw ModelError("settings: method and network do not agree");
  if constexpr (kTransducer)
    check_sizes(coding, loaded.network.inputs(), loaded.network.symbols() + 1);
  else
    check_sizes(coding, loaded.network.inputs(), loaded.network.outputs());
  return {std::move(coding), std::move(loaded.network), provenance_in(loaded.metadata),
          tuning_from(loaded.metadata)};
}

}  // namespace

SequenceModel load_sequence_model(const std::string& path, SequenceJob job,
                                  std::optional<WeightFormat> weights) {
  const std::string file = model_file(path);
  AnyLoadedModel<float> any = load_any_model<float>(file, weights);
  try {
    if (auto* network = std::get_if<LoadedModel<float>>(&any)) return model_of(*network, job);
    if (auto* transducer = std::get_if<Loaded<Transducer<float>>>(&any)) return model_of(*transducer, job);
    throw ModelError("found an encoder_decoder, expected a network or a transducer");
  } catch (const Json::exception& error) {
    throw ModelError(fmt::format("{}: metadata: {}", file, error.what()));
  } catch (const Error& error) {
    throw ModelError(fmt::format("{}: {}", file, error.what()));
  }
}

}  // namespace carousel
