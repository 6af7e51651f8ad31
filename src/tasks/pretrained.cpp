#include "tasks/pretrained.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>

#include "tasks/run_folder.h"

namespace carousel {
namespace {

/// The same parameter of the other model; null if there is none.
const Parameter* counterpart(const Parameter& wanted, const ParameterTable& other) {
  constexpr std::string_view kEncoder = "encoder.", kNetwork = "layers.";
  const std::string& name = wanted.name;
  const std::string in_network =
      name.starts_with(kEncoder) ? fmt::format("{}{}", kNetwork, name.substr(kEncoder.size())) : name;
  const auto fits = [&](const Parameter& one) {
    return one.shape == wanted.shape && (one.name == name || one.name == in_network);
  };
  const auto found = std::ranges::find_if(other.all(), fits);
  return found == other.all().end() ? nullptr : &*found;
}

}  // namespace

template <class Net>
std::size_t begin_with(Net& network, const std::string& path) {
  const std::string file = model_file(path);
  const AnyLoadedModel<float> loaded = load_any_model<float>(file);
  const Weighted<float>& other =
      std::visit([](const auto& one) -> const Weighted<float>& { return one.network; }, loaded);
  std::size_t taken = 0;
  network.update_weights([&](std::span<float> weights) {
    for (const Parameter& parameter : network.parameters().all()) {
      const Parameter* from = counterpart(parameter, other.parameters());
      if (from == nullptr) continue;
      std::ranges::copy(other.weights().subspan(from->offset, parameter.shape.size()),
                        weights.subspan(parameter.offset).begin());
      taken += parameter.shape.size();
    }
  });
  if (taken == 0)
    throw SettingError(fmt::format(
        "pretrained: {} has no weights that fit: none of its layers stands at the same place and is of the "
        "same size; carousel inspect shows them",
        file));
  return taken;
}

template std::size_t begin_with(Network<float>&, const std::string&);
template std::size_t begin_with(Transducer<float>&, const std::string&);

}  // namespace carousel
