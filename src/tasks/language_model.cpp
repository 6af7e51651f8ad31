#include "tasks/language_model.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include "data/cells.h"
#include "tasks/run_folder.h"
#include "tasks/setting_checks.h"
#include "tasks/settings_file.h"
#include "tasks/text_vocabulary.h"

namespace carousel {
namespace {

const std::string& entry(const Metadata& metadata, const char* key) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) throw ModelError(fmt::format("metadata has no '{}'", key));
  return found->second;
}

LanguageCoding coding_from(const Metadata& metadata) {
  if (const std::string& task = entry(metadata, "task"); task != GenerateSettings::kTask)
    throw ModelError(fmt::format("task: found '{}', expected {}", shown(task), GenerateSettings::kTask));
  auto settings = from_toml<GenerateSettings>(entry(metadata, "settings"), "settings");
  check_settings(settings);
  if (!settings.layers || settings.training.epochs == 0 || settings.training.batch == 0)
    throw ModelError("settings: expected those of a finished set-up, found some that are not decided");
  Vocabulary vocabulary = Vocabulary::parse(entry(metadata, "vocabulary"));
  check_vocabulary(vocabulary, settings.unit == TextUnit::piece);
  return {std::move(settings), std::move(vocabulary)};
}

}  // namespace

std::string LanguageCoding::spec() const {
  return fmt::format("embedding {} {}, {}, dense {}", vocabulary.size(), settings.embedding, *settings.layers,
                     vocabulary.size());
}

std::vector<std::size_t> LanguageCoding::numbers(std::string text, const std::string& source) const {
  const std::string valid = valid_text(std::move(text), source, settings.invalid);
  return vocabulary.numbers(pieces(valid, settings.unit));
}

Network<float> build_language_network(const LanguageCoding& coding) {
  Network<float> network =
      in_layers([&] { return Network<float>(coding.spec(), 1, coding.settings.training.seed); });
  if (!network.causal())
    throw SettingError(
        fmt::format("layers: {} looks at symbols behind the one that is to be told; use layers that run "
                    "forward in time, such as "
                    "lstm, gru, dense, dropout and residual",
                    network.first_not_causal()));
  return network;
}

void save_language_model(const std::string& path, const LanguageCoding& coding, const Network<float>& network,
                         const Metadata& provenance) {
  Metadata metadata = provenance;
  metadata["task"] = GenerateSettings::kTask;
  metadata["settings"] = to_toml(coding.settings);
  metadata["vocabulary"] = coding.vocabulary.text();
  save_model(path, network, metadata);
}

LanguageModel load_language_model(const std::string& path, std::optional<WeightFormat> weights) {
  const std::string file = model_file(path);
  LoadedModel<float> loaded = load_model<float>(file, weights);
  try {
    LanguageCoding coding = coding_from(loaded.metadata);
    const std::size_t symbols = coding.vocabulary.size();
    if (loaded.network.inputs() != 1 || loaded.network.outputs() != symbols || !loaded.network.causal())
      throw ModelError(fmt::format("the network has {} outputs, expected {} and no layer that looks ahead",
                                   loaded.network.outputs(), symbols));
    Metadata provenance;
    for (const auto& [key, text] : loaded.metadata)
      if (key.starts_with("provenance.")) provenance.emplace(key, text);
    return {std::move(coding), std::move(loaded.network), std::move(provenance)};
  } catch (const Error& error) {
    throw ModelError(fmt::format("{}: {}", file, error.what()));
  }
}

}  // namespace carousel
