// What the model files of the generate task have in common, whether they write text or music.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "data/cells.h"
#include "model/model_file.h"
#include "tasks/generate_settings.h"
#include "tasks/model_metadata.h"
#include "tasks/run_folder.h"

namespace carousel {

/// The settings that are in it, decided and checked. Throws ModelError, SettingError.
GenerateSettings generate_settings(const Metadata& metadata);

/// Throws SettingError for layers that cannot be built, and for those that look ahead.
Network<float> build_causal_network(const std::string& spec, std::size_t inputs, std::uint64_t seed);
/// The same network with other weights, to be used and not trained.
Network<float> with_weights(const Network<float>& network, std::span<const float> weights);

/// What a model of this task writes. path: a model file, or a run folder. Throws FileError, ModelError.
GenerateUnit unit_of_model(const std::string& path);

/// What `make` makes of the file of a model; what is wrong with it is told with the file's name, as
/// ModelError.
template <class Make>
auto load_generate_model(const std::string& path, std::optional<WeightFormat> weights, Make make) {
  const std::string file = model_file(path);
  LoadedModel<float> loaded = load_model<float>(file, weights);
  try {
    return make(std::move(loaded));
  } catch (const Error& error) {
    throw ModelError(file + ": " + error.what());
  }
}

}  // namespace carousel
