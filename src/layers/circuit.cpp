#include "layers/circuit.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "tensor/initialise.h"

namespace carousel {

namespace {

/// "connect i c": what a fault is in.
std::string part_of(const Wiring& wiring, const WiringFault& fault) {
  switch (fault.part) {
    case WiringFault::Part::group:
      return "units " + wiring.groups[fault.index].name;
    case WiringFault::Part::connection:
      return fmt::format("connect {} {}", wiring.connections[fault.index].from,
                         wiring.connections[fault.index].to);
    case WiringFault::Part::output:
      return "outputs " + wiring.outputs[fault.index];
    case WiringFault::Part::whole:
      break;
  }
  return "wiring";
}

std::size_t index_of(const Wiring& wiring, const std::string& group) {
  return static_cast<std::size_t>(std::ranges::find(wiring.groups, group, &UnitGroup::name) -
                                  wiring.groups.begin());
}

}  // namespace

Circuit::Circuit(Wiring wiring) : wiring_(std::move(wiring)) {
  if (const std::optional<WiringFault> fault = first_fault(wiring_))
    throw SettingError(fmt::format("lstm_g: {}: {}", part_of(wiring_, *fault), fault->message));
  for (const UnitGroup& group : wiring_.groups) {
    groups_.push_back({units_, group.units, group.activation});
    units_ += group.units;
  }
  std::vector<std::vector<std::size_t>> leading_to(groups_.size());
  for (std::size_t c = 0; c < wiring_.connections.size(); ++c)
    leading_to[index_of(wiring_, wiring_.connections[c].to)].push_back(c);
  for (std::size_t to = 0; to < groups_.size(); ++to) {
    groups_[to].link_begin = links_.size();
    for (const std::size_t c : leading_to[to]) {
      links_.push_back(link_of(wiring_.connections[c], to));
      links_.back().weights = weights_;
      weights_ += links_.back().pairs();
      connection_.push_back(c);
    }
    groups_[to].link_end = links_.size();
  }
  for (const std::string& name : wiring_.outputs) outputs_.push_back(groups_[index_of(wiring_, name)]);
}

Link Circuit::link_of(const Connection& connection, std::size_t to) const {
  Link link;
  link.to = groups_[to].first;
  link.n = groups_[to].units;
  link.m = *units_of(wiring_, connection.from);
  link.fan_in = fan_in(wiring_, connection);
  link.shared_out = connection.pairs != Pairs::all;
  link.self = connection.pairs == Pairs::self;
  link.learned = !connection.weight;
  const bool outside = connection.from == "one" || connection.from == "x";
  const std::size_t from = outside ? 0 : index_of(wiring_, connection.from);
  link.now = outside || from < to;
  link.from = connection.from == "one" ? 0 : outside ? x() : (link.self ? s() : y()) + groups_[from].first;
  if (connection.gater.empty()) return link;
  const std::size_t gater = index_of(wiring_, connection.gater);
  link.gater = y() + groups_[gater].first;
  link.gaters = groups_[gater].units;
  link.gater_now = gater < to;
  return link;
}

void Circuit::declare(ParameterTable& table, const std::string& name) {
  for (std::size_t l = 0; l < links_.size(); ++l) {
    Link& link = links_[l];
    const Connection& connection = wiring_.connections[connection_[l]];
    if (link.learned)
      link.parameter =
          table.add(fmt::format("{}.{}.{}", name, connection.to, link.self ? "self" : connection.from),
                    {link.n, link.fan_in});
  }
}

std::size_t Circuit::unit_of(const Parameter& parameter, std::size_t element) const {
  const auto link = std::ranges::find_if(
      links_, [&](const Link& l) { return l.learned && l.parameter == parameter.offset; });
  return link->to + element / link->fan_in;
}

template <class T>
void Circuit::initialise(std::span<T> weights, std::uint64_t seed) const {
  for (const Group& group : groups_) {
    std::size_t learned = 0;
    for (std::size_t l = group.link_begin; l < group.link_end; ++l)
      if (links_[l].learned) learned += links_[l].fan_in;
    for (std::size_t l = group.link_begin; l < group.link_end; ++l) {
      const Link& link = links_[l];
      if (!link.learned) continue;
      const Connection& connection = wiring_.connections[connection_[l]];
      const std::span<T> values = weights.subspan(link.parameter, link.pairs());
      if (connection.start || connection.from == "one")
        std::ranges::fill(values, static_cast<T>(connection.start.value_or(0.0)));
      else
        fill_uniform(values, 1.0 / std::sqrt(static_cast<double>(learned)), seed, link.parameter);
    }
  }
}

template <class T>
void Circuit::pack(std::span<const T> weights, std::span<T> packed) const {
  for (std::size_t l = 0; l < links_.size(); ++l) {
    const Link& link = links_[l];
    const std::span<T> to = packed.subspan(link.weights, link.pairs());
    if (link.learned)
      std::ranges::copy(weights.subspan(link.parameter, link.pairs()), to.begin());
    else
      std::ranges::fill(to, static_cast<T>(*wiring_.connections[connection_[l]].weight));
  }
}

template void Circuit::initialise(std::span<float>, std::uint64_t) const;
template void Circuit::initialise(std::span<double>, std::uint64_t) const;
template void Circuit::pack(std::span<const float>, std::span<float>) const;
template void Circuit::pack(std::span<const double>, std::span<double>) const;

}  // namespace carousel
