#include "tasks/music_model.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include "tasks/generate_model.h"
#include "tasks/settings_file.h"

namespace carousel {

std::string music_spec(const GenerateSettings& settings) {
  return fmt::format("{}, dense {}", *settings.layers, pitches(settings.keys));
}

Network<float> build_music_network(const GenerateSettings& settings) {
  return build_causal_network(music_spec(settings), pitches(settings.keys), settings.training.seed);
}

void save_music_model(const std::string& path, const GenerateSettings& settings,
                      const Network<float>& network, const Metadata& provenance) {
  save_model(path, network, task_metadata(GenerateSettings::kTask, to_toml(settings), provenance));
}

MusicModel load_music_model(const std::string& path, std::optional<WeightFormat> weights) {
  return load_generate_model(path, weights, [](LoadedModel<float> loaded) -> MusicModel {
    GenerateSettings settings = generate_settings(loaded.metadata);
    if (!settings.music())
      throw ModelError(
          fmt::format("unit: found {}, expected note: this model writes text", name(*settings.unit)));
    const std::size_t columns = pitches(settings.keys);
    if (loaded.network.inputs() != columns || loaded.network.outputs() != columns || !loaded.network.causal())
      throw ModelError(
          fmt::format("the network has {} inputs and {} outputs, expected {} and no layer that looks ahead",
                      loaded.network.inputs(), loaded.network.outputs(), columns));
    return {std::move(settings), std::move(loaded.network), provenance_in(loaded.metadata)};
  });
}

}  // namespace carousel
