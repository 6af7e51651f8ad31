// Any network of units, connections and gaters, as data. Monner & Reggia, "A generalized LSTM-like training
// algorithm for second-order recurrent neural networks", Neural Networks 25, 2012:
//
//     s_j(t) = g_jj w_jj s_j(t-1) + sum over i of g_ji w_ji y_i(t or t-1)          y_j(t) = f_j(s_j(t))
//
// g_ji is the activity of the unit that gates the connection from i to j, 1 if none does. Units come in
// groups, which act in the order of their list: a connection, and a gater, is read as of this step if its
// group comes before that of unit j, else as of the last step. Two groups are always there, before all
// others: "one", a unit that is always 1 (a connection from it is a bias), and "x", the inputs.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "kernels/activation_kinds.h"

namespace carousel {

struct UnitGroup {
  std::string name;  ///< a letter or "_", then letters, digits, "_"
  std::size_t units = 1;
  kernels::Activation activation;  // f

  bool operator==(const UnitGroup&) const = default;
};

/// Which units of two groups, of m and n units, a connection joins.
enum class Pairs {
  all,   ///< every one of m with every one of n
  each,  ///< one with one; if m = S n, or n = S m, the first S of them with the first one, and so on
  self,  ///< each unit of a group with itself: g_jj w_jj s_j(t-1)
};

/// A connection between two groups: one weight for each pair of units.
struct Connection {
  std::string from, to;
  Pairs pairs = Pairs::all;
  /// Name of the group that gates it, or empty. Its units stand to those of `to` as in Pairs::each, and there
  /// are not more of them.
  std::string gater = {};
  std::optional<double> weight = {};  ///< of every pair, for good; none: the weights are learned
  /// First value of learned weights; none: 0 from "one", else uniform in +-1 / sqrt(the unit's learned
  /// connections)
  std::optional<double> start = {};

  bool operator==(const Connection&) const = default;
};

struct Wiring {
  std::size_t inputs = 0;  ///< units of "x"
  std::vector<UnitGroup> groups;
  std::vector<Connection> connections;  ///< summed in this order
  std::vector<std::string> outputs;     ///< groups whose activities, side by side, are the outputs

  bool operator==(const Wiring&) const = default;
};

/// "all", "each", "self"; the words of the text.
const std::vector<std::string>& pairs_names();

inline constexpr std::size_t kMaxWiringGroups = 1000;
inline constexpr std::size_t kMaxWiringConnections = 10000;
inline constexpr std::size_t kMaxWiringUnits = std::size_t{1} << 20;  // of all groups together
inline constexpr std::size_t kMaxWiringPairs = std::size_t{1} << 26;  // of all connections together

/// The units of a group, "one" and "x" included; nothing if there is no such group.
std::optional<std::size_t> units_of(const Wiring& wiring, const std::string& group);

/// Pairs of units that a connection of a faultless wiring joins: so many for each unit of `to`.
std::size_t fan_in(const Wiring& wiring, const Connection& connection);

/// The first thing that makes a wiring impossible: which part, its number, and what would work.
struct WiringFault {
  enum class Part { group, connection, output, whole };
  Part part;
  std::size_t index;
  std::string message;
};
std::optional<WiringFault> first_fault(const Wiring& wiring);

}  // namespace carousel
