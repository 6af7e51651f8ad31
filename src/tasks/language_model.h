// A trained language model: the network, and the vocabulary that its numbers stand for.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/vocabulary.h"
#include "model/model_file.h"
#include "tasks/generate_settings.h"

namespace carousel {

/// What is known beside the weights.
struct LanguageCoding {
  GenerateSettings settings;  ///< resolved
  Vocabulary vocabulary;

  /// The spec of the whole network: a symbol in, the logits of the next one out.
  std::string spec() const;
  /// A text, or the last part of one, as numbers. Throws DataError for what is not UTF-8 (settings.invalid).
  std::vector<std::size_t> numbers(std::string text, const std::string& source) const;
  /// Characters that a text which is UTF-8 has behind its first symbol.
  std::size_t characters_told(std::string_view text) const;
};

struct LanguageModel {
  LanguageCoding coding;
  Network<float> network;
  Metadata provenance;
};

/// Throws SettingError for layers that look ahead.
Network<float> build_language_network(const LanguageCoding& coding);

/// The same model gives the same bytes. Throws FileError.
void save_language_model(const std::string& path, const LanguageCoding& coding, const Network<float>& network,
                         const Metadata& provenance);
/// path: a model file, or a run folder. weights: as load_model takes them. Throws FileError, ModelError.
LanguageModel load_language_model(const std::string& path, std::optional<WeightFormat> weights = {});

}  // namespace carousel
