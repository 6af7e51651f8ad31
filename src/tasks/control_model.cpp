#include "tasks/control_model.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include "data/cells.h"
#include "tasks/environments/environments.h"
#include "tasks/model_metadata.h"
#include "tasks/run_folder.h"
#include "tasks/setting_checks.h"
#include "tasks/settings_file.h"

namespace carousel {

namespace {

ControlSettings settings_from(const Metadata& metadata) {
  require_task(metadata, ControlSettings::kTask);
  auto settings = from_toml<ControlSettings>(metadata_entry(metadata, "settings"), "settings");
  check_settings(settings);
  if (!settings.layers || settings.episodes == 0 || settings.test_episodes == 0)
    throw ModelError("settings: expected those of a finished set-up, found some that are not decided");
  return settings;
}

}  // namespace

std::string control_spec(const ControlSettings& settings) {
  const auto environment = make_environment(settings.environment);
  if (settings.method == ControlMethod::policy_gradient)
    return fmt::format("{}, dense {}", *settings.layers,
                       policy_outputs(*environment, settings.gradient.deviation));
  const bool discrete = environment->action_kind() == ActionKind::discrete;
  return fmt::format("{}, dense {}{}", *settings.layers, environment->actions(), discrete ? "" : " tanh");
}

Network<float> build_policy(const ControlSettings& settings) {
  const std::size_t inputs = make_environment(settings.environment)->observations();
  return in_layers([&] {
    Network<float> network(control_spec(settings), inputs, settings.training.seed);
    if (!network.causal())
      throw SettingError(fmt::format("{} looks at steps to come, and who acts has not seen them",
                                     network.first_not_causal()));
    return network;
  });
}

void save_policy(const std::string& path, const ControlSettings& settings, const Network<float>& network,
                 const Metadata& provenance) {
  save_model(path, network, task_metadata(ControlSettings::kTask, to_toml(settings), provenance));
}

ControlModel load_policy(const std::string& path, std::optional<WeightFormat> weights) {
  const std::string file = model_file(path);
  Loaded<Network<float>> loaded = load_model<float>(file, weights);
  try {
    ControlSettings settings = settings_from(loaded.metadata);
    const Network<float>& network = loaded.network;
    if (const std::string spec = control_spec(settings);
        network.inputs() != make_environment(settings.environment)->observations() ||
        to_text(network.spec()) != to_text(parse_spec(spec)))
      throw ModelError(
          fmt::format("found the network {}, expected {}", shown(to_text(network.spec())), shown(spec)));
    return {std::move(settings), std::move(loaded.network), provenance_in(loaded.metadata)};
  } catch (const Error& error) {
    throw ModelError(fmt::format("{}: {}", file, error.what()));
  }
}

}  // namespace carousel
