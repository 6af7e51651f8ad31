// A trained model of music: a network that is given the notes of a step and tells the odds of each at the
// next.
#pragma once

#include <optional>
#include <string>

#include "model/model_file.h"
#include "tasks/generate_settings.h"

namespace carousel {

struct MusicModel {
  GenerateSettings settings;  ///< decided
  Network<float> network;     ///< [pitches] in, as many logarithms of odds out
  Metadata provenance;
};

/// The spec of the whole network.
std::string music_spec(const GenerateSettings& settings);
/// Throws SettingError for layers that look ahead.
Network<float> build_music_network(const GenerateSettings& settings);

/// The same model gives the same bytes. Throws FileError.
void save_music_model(const std::string& path, const GenerateSettings& settings,
                      const Network<float>& network, const Metadata& provenance);
/// path: a model file, or a run folder. weights: as load_model takes them. Throws FileError; ModelError, also
/// for a model that writes text.
MusicModel load_music_model(const std::string& path, std::optional<WeightFormat> weights = {});

}  // namespace carousel
