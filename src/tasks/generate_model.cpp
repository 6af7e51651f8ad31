#include "tasks/generate_model.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>

#include "tasks/setting_checks.h"
#include "tasks/settings_file.h"

namespace carousel {

const std::string& metadata_entry(const Metadata& metadata, const char* key) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) throw ModelError(fmt::format("metadata has no '{}'", key));
  return found->second;
}

Metadata generate_metadata(const GenerateSettings& settings, const Metadata& provenance) {
  Metadata metadata = provenance;
  metadata["task"] = GenerateSettings::kTask;
  metadata["settings"] = to_toml(settings);
  return metadata;
}

GenerateSettings generate_settings(const Metadata& metadata) {
  if (const std::string& task = metadata_entry(metadata, "task"); task != GenerateSettings::kTask)
    throw ModelError(fmt::format("task: found '{}', expected {}", shown(task), GenerateSettings::kTask));
  auto settings = from_toml<GenerateSettings>(metadata_entry(metadata, "settings"), "settings");
  check_settings(settings);
  const bool decided = settings.layers && settings.unit && settings.chunk > 0 &&
                       settings.training.epochs > 0 && settings.training.batch > 0 &&
                       (settings.music() ? settings.steps_per_beat.has_value() : settings.split.has_value());
  if (!decided)
    throw ModelError("settings: expected those of a finished set-up, found some that are not decided");
  return settings;
}

Metadata provenance_in(const Metadata& metadata) {
  Metadata provenance;
  for (const auto& [key, text] : metadata)
    if (key.starts_with("provenance.")) provenance.emplace(key, text);
  return provenance;
}

Network<float> build_causal_network(const std::string& spec, std::size_t inputs, std::uint64_t seed) {
  Network<float> network = in_layers([&] { return Network<float>(spec, inputs, seed); });
  if (!network.causal())
    throw SettingError(
        fmt::format("layers: {} looks at symbols behind the one that is to be told; use layers that run "
                    "forward in time, such as lstm, gru, dense, dropout and residual",
                    network.first_not_causal()));
  return network;
}

Network<float> with_weights(const Network<float>& network, std::span<const float> weights) {
  const auto fill = [&](const ParameterTable&, std::span<float> values) {
    std::ranges::copy(weights, values.begin());
  };
  return Network<float>::filled(network.spec(), network.inputs(), {.backward = false}, fill);
}

GenerateUnit unit_of_model(const std::string& path) {
  return load_generate_model(
      path, {}, [](const LoadedModel<float>& loaded) { return *generate_settings(loaded.metadata).unit; });
}

}  // namespace carousel
