#include "tasks/language_model.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include "tasks/generate_model.h"
#include "tasks/settings_file.h"
#include "tasks/text_vocabulary.h"

namespace carousel {
namespace {

LanguageCoding coding_from(const Metadata& metadata) {
  GenerateSettings settings = generate_settings(metadata);
  const TextUnit unit = text_unit(settings);  // refuses music
  Vocabulary vocabulary = Vocabulary::parse(metadata_entry(metadata, "vocabulary"));
  check_vocabulary(vocabulary, unit == TextUnit::piece);
  return {std::move(settings), std::move(vocabulary)};
}

}  // namespace

std::string LanguageCoding::spec() const {
  return fmt::format("embedding {} {}, {}, dense {}", vocabulary.size(), settings.embedding, *settings.layers,
                     vocabulary.size());
}

std::vector<std::size_t> LanguageCoding::numbers(std::string text, const std::string& source) const {
  const std::string valid = valid_text(std::move(text), source, settings.invalid);
  return vocabulary.numbers(pieces(valid, text_unit(settings)));
}

std::size_t LanguageCoding::characters_told(std::string_view text) const {
  const std::string_view first = text.substr(0, first_piece(text, text_unit(settings)));
  std::size_t given = first.size();
  if (vocabulary.byte_pairs() && given > 0) {
    const std::vector<std::size_t> cut = vocabulary.numbers(std::span(&first, 1));
    given = vocabulary.symbol(cut.front()).size();
  }
  return count_characters(text.substr(given));
}

Network<float> build_language_network(const LanguageCoding& coding) {
  return build_causal_network(coding.spec(), 1, coding.settings.training.seed);
}

void save_language_model(const std::string& path, const LanguageCoding& coding, const Network<float>& network,
                         const Metadata& provenance) {
  Metadata metadata = task_metadata(GenerateSettings::kTask, to_toml(coding.settings), provenance);
  metadata["vocabulary"] = coding.vocabulary.text();
  save_model(path, network, metadata);
}

LanguageModel load_language_model(const std::string& path, std::optional<WeightFormat> weights) {
  return load_generate_model(path, weights, [](LoadedModel<float> loaded) -> LanguageModel {
    LanguageCoding coding = coding_from(loaded.metadata);
    const std::size_t symbols = coding.vocabulary.size();
    if (loaded.network.inputs() != 1 || loaded.network.outputs() != symbols || !loaded.network.causal())
      throw ModelError(fmt::format("the network has {} outputs, expected {} and no layer that looks ahead",
                                   loaded.network.outputs(), symbols));
    return {std::move(coding), std::move(loaded.network), provenance_in(loaded.metadata)};
  });
}

}  // namespace carousel
