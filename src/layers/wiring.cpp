#include "layers/wiring.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace carousel {

namespace {

constexpr double kMostWeight = 1e30;

bool is_name(const std::string& text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !text.empty() && letter(text[0]) &&
         std::ranges::all_of(text, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

/// Whether m units can stand to n as in Pairs::each.
bool divides(std::size_t m, std::size_t n) { return m % n == 0 || n % m == 0; }

/// A group of the list, by name. There are few; wirings are built once.
const UnitGroup* find(const Wiring& wiring, const std::string& name) {
  const auto found = std::ranges::find(wiring.groups, name, &UnitGroup::name);
  return found == wiring.groups.end() ? nullptr : &*found;
}

std::string fault_of_group(const Wiring& wiring, std::size_t index) {
  const UnitGroup& group = wiring.groups[index];
  if (!is_name(group.name)) return "a group's name is a letter or \"_\", then letters, digits, \"_\"";
  if (group.name == "one" || group.name == "x" || group.name == "self")
    return fmt::format("\"{}\" means something else already; use another name", group.name);
  if (find(wiring, group.name) != &group) return fmt::format("there are two groups \"{}\"", group.name);
  if (group.units == 0 || group.units > kMaxWiringUnits)
    return fmt::format("expected from 1 to {} units, got {}", kMaxWiringUnits, group.units);
  return "";
}

std::string fault_of_gater(const Wiring& wiring, const Connection& connection, std::size_t targets) {
  const UnitGroup* gater = find(wiring, connection.gater);
  if (gater == nullptr) return fmt::format("gater: there is no group of units \"{}\"", connection.gater);
  if (targets % gater->units != 0)
    return fmt::format("gater: {} units cannot be gated by {}; the number of gaters must divide theirs",
                       targets, gater->units);
  return "";
}

std::string fault_of_connection(const Wiring& wiring, std::size_t index) {
  const Connection& connection = wiring.connections[index];
  const std::optional<std::size_t> from = units_of(wiring, connection.from);
  const UnitGroup* to = find(wiring, connection.to);
  if (!from) return fmt::format("there is no group \"{}\" to connect from", connection.from);
  if (to == nullptr) return fmt::format("there is no group of units \"{}\" to connect to", connection.to);
  if (connection.pairs == Pairs::self && connection.from != connection.to)
    return fmt::format("self connects a group with itself, not \"{}\" with \"{}\"", connection.from,
                       connection.to);
  if (connection.pairs == Pairs::each && !divides(*from, to->units))
    return fmt::format("each: {} units cannot be shared out to {}; one number must divide the other", *from,
                       to->units);
  for (const std::optional<double>& value : {connection.weight, connection.start})
    if (value && !(std::abs(*value) <= kMostWeight))
      return fmt::format("expected a weight within +-{}, got {}", kMostWeight, *value);
  if (connection.weight && connection.start)
    return "has a weight for good, or a first value (start) of one that is learned; not both";
  return connection.gater.empty() ? "" : fault_of_gater(wiring, connection, to->units);
}

std::string fault_of_output(const Wiring& wiring, std::size_t index) {
  const std::string& name = wiring.outputs[index];
  if (find(wiring, name) == nullptr) return fmt::format("there is no group of units \"{}\"", name);
  if (std::ranges::find(wiring.outputs, name) != wiring.outputs.begin() + static_cast<std::ptrdiff_t>(index))
    return fmt::format("\"{}\" is among the outputs twice", name);
  return "";
}

/// Two connections that join the same groups in the same way, or too many of something.
std::optional<WiringFault> fault_of_whole(const Wiring& wiring) {
  using enum WiringFault::Part;
  std::vector<std::pair<std::string, std::size_t>> seen;
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < wiring.connections.size(); ++i) {
    const Connection& c = wiring.connections[i];
    seen.push_back({c.to + " " + c.from + (c.pairs == Pairs::self ? " self" : ""), i});
    pairs += *units_of(wiring, c.to) * fan_in(wiring, c);  // each at most 2^40
    if (pairs > kMaxWiringPairs)
      return WiringFault{connection, i,
                         fmt::format("more than {} pairs of units are connected", kMaxWiringPairs)};
  }
  std::ranges::sort(seen);
  for (std::size_t i = 1; i < seen.size(); ++i)
    if (seen[i].first == seen[i - 1].first)
      return WiringFault{connection, seen[i].second, "these two groups are connected already"};
  if (wiring.outputs.empty()) return WiringFault{whole, 0, "there are no outputs; add \"outputs NAME\""};
  return std::nullopt;
}

}  // namespace

const std::vector<std::string>& pairs_names() {
  static const std::vector<std::string> names = {"all", "each", "self"};
  return names;
}

std::optional<std::size_t> units_of(const Wiring& wiring, const std::string& group) {
  if (group == "one") return 1;
  if (group == "x") return wiring.inputs;
  const UnitGroup* found = find(wiring, group);
  return found == nullptr ? std::nullopt : std::optional(found->units);
}

std::size_t fan_in(const Wiring& wiring, const Connection& connection) {
  const std::size_t m = *units_of(wiring, connection.from), n = *units_of(wiring, connection.to);
  if (connection.pairs == Pairs::all) return m;
  return std::max<std::size_t>(1, m / n);
}

std::optional<WiringFault> first_fault(const Wiring& wiring) {
  using enum WiringFault::Part;
  if (wiring.inputs == 0 || wiring.inputs > kMaxWiringUnits)
    return WiringFault{whole, 0,
                       fmt::format("expected from 1 to {} inputs, got {}", kMaxWiringUnits, wiring.inputs)};
  if (wiring.groups.size() > kMaxWiringGroups)
    return WiringFault{group, kMaxWiringGroups, fmt::format("more than {} groups", kMaxWiringGroups)};
  if (wiring.connections.size() > kMaxWiringConnections)
    return WiringFault{connection, kMaxWiringConnections,
                       fmt::format("more than {} connections", kMaxWiringConnections)};
  std::size_t units = 0;
  for (std::size_t i = 0; i < wiring.groups.size(); ++i) {
    if (std::string wrong = fault_of_group(wiring, i); !wrong.empty()) return WiringFault{group, i, wrong};
    units += wiring.groups[i].units;
    if (units > kMaxWiringUnits)
      return WiringFault{group, i, fmt::format("more than {} units altogether", kMaxWiringUnits)};
  }
  for (std::size_t i = 0; i < wiring.connections.size(); ++i)
    if (std::string wrong = fault_of_connection(wiring, i); !wrong.empty())
      return WiringFault{connection, i, wrong};
  for (std::size_t i = 0; i < wiring.outputs.size(); ++i)
    if (std::string wrong = fault_of_output(wiring, i); !wrong.empty()) return WiringFault{output, i, wrong};
  return fault_of_whole(wiring);
}

}  // namespace carousel
