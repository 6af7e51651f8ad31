// A trained policy: a network that is shown what a world shows, and puts out what is to be done.
#pragma once

#include <optional>
#include <string>

#include "model/model_file.h"
#include "tasks/control_settings.h"

namespace carousel {

struct ControlModel {
  ControlSettings settings;  ///< resolved
  Network<float> network;    ///< observations in, acts out
  Metadata provenance;
};

/// The spec of a resolved policy's network, with the layer that acts: one output for each choice of discrete
/// acts, else the numbers of an act, by tanh; of policy_gradient as policy_outputs has them.
std::string control_spec(const ControlSettings& settings);
/// Throws SettingError for layers that cannot be built, or look at steps to come.
Network<float> build_policy(const ControlSettings& settings);

/// The same model gives the same bytes. Throws FileError.
void save_policy(const std::string& path, const ControlSettings& settings, const Network<float>& network,
                 const Metadata& provenance);
/// path: a model file, or a run folder. weights: as load_model takes them. Throws FileError, ModelError.
ControlModel load_policy(const std::string& path, std::optional<WeightFormat> weights = {});

}  // namespace carousel
