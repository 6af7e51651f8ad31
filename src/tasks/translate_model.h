// A trained translator: encoder and decoder, and the symbols that their numbers stand for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/vocabulary.h"
#include "model/model_file.h"
#include "tasks/translate_settings.h"

namespace carousel {

/// What is known beside the weights.
struct TranslateCoding {
  TranslateSettings settings;  ///< resolved
  Vocabulary sources, targets;

  /// The spec of the whole: symbols of a source in, symbols of a target out.
  std::string spec() const;
};

struct TranslateModel {
  TranslateCoding coding;
  EncoderDecoder<float> network;
  Metadata provenance;
};

/// Throws SettingError for layers that cannot be built.
EncoderDecoder<float> build_translator(const TranslateCoding& coding);

/// The same model gives the same bytes. Throws FileError.
void save_translator(const std::string& path, const TranslateCoding& coding,
                     const EncoderDecoder<float>& network, const Metadata& provenance);
/// path: a model file, or a run folder. weights: as load_model takes them. Throws FileError, ModelError.
TranslateModel load_translator(const std::string& path, std::optional<WeightFormat> weights = {});

}  // namespace carousel
