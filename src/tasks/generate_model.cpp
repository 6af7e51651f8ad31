#include "tasks/generate_model.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>

#include "tasks/setting_checks.h"
#include "tasks/settings_file.h"

namespace carousel {

GenerateSettings generate_settings(const Metadata& metadata) {
  require_task(metadata, GenerateSettings::kTask);
  auto settings = from_toml<GenerateSettings>(metadata_entry(metadata, "settings"), "settings");
  check_settings(settings);
  const bool decided = settings.layers && settings.unit && settings.chunk > 0 &&
                       settings.training.epochs > 0 && settings.training.batch > 0 &&
                       (settings.music() ? settings.steps_per_beat.has_value() : settings.split.has_value());
  if (!decided)
    throw ModelError("settings: expected those of a finished set-up, found some that are not decided");
  return settings;
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
