#include "training/weight_groups.h"

#include <map>
#include <numeric>

namespace carousel {

namespace {

template <class T>
class Grouping {
 public:
  Grouping(const ParameterTable& table, bool by_unit) : table_(table), by_unit_(by_unit) {}

  /// name: what the names of the layer's parameters begin with.
  void add(const Layer<T>& layer, const std::string& name) {
    const auto children = layer.children();
    for (std::size_t k = 0; k < children.size(); ++k) add(*children[k], layer.child_name(name, k));
    if (children.empty()) add_own(layer, name + ".");
  }
  std::vector<WeightGroup> groups;

 private:
  void add_own(const Layer<T>& layer, const std::string& prefix) {
    std::map<std::size_t, WeightGroup> units;
    for (const Parameter& parameter : table_.all()) {
      if (!parameter.name.starts_with(prefix)) continue;
      for (std::size_t e = 0; e < parameter.shape.size(); ++e)
        units[by_unit_ ? layer.unit_of(parameter, e) : 0].push_back(parameter.offset + e);
    }
    for (auto& unit : units) groups.push_back(std::move(unit.second));
  }

  const ParameterTable& table_;
  bool by_unit_;
};

}  // namespace

const std::vector<std::string>& weight_grouping_names() {
  static const std::vector<std::string> names = {"unit", "layer", "all"};
  return names;
}

template <class T>
std::vector<WeightGroup> weight_groups(const Network<T>& network, WeightGrouping grouping) {
  const ParameterTable& table = network.parameters();
  if (grouping == WeightGrouping::all) {
    if (table.size() == 0) return {};
    WeightGroup all(table.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return {std::move(all)};
  }
  Grouping<T> found(table, grouping == WeightGrouping::unit);
  const auto layers = network.layers();
  for (std::size_t k = 0; k < layers.size(); ++k) found.add(*layers[k], "layers." + std::to_string(k));
  return std::move(found.groups);
}

template std::vector<WeightGroup> weight_groups(const Network<float>&, WeightGrouping);
template std::vector<WeightGroup> weight_groups(const Network<double>&, WeightGrouping);

}  // namespace carousel
