// A wiring with every name resolved to a place: what the passes and the learning rule run over.
//
// All activities of one step of one sequence are a row of values:
//
//     1 | x [inputs] | y [units] | s [units]
//
// of which y and s are what a stream remembers.
#pragma once

#include <string>
#include <vector>

#include "layers/wiring.h"
#include "tensor/parameters.h"

namespace carousel {

/// One connection. Unit k of the n it leads to is unit `to + k` of all; its weights are weights + k * fan_in
/// and the following, of the packed ones, and the values they meet lie in a row from source(k) on.
struct Link {
  std::size_t to = 0, n = 0, fan_in = 0;
  std::size_t from = 0, m = 0;        // column of the first source, and how many share themselves out to n
  bool shared_out = false;            // else each of n sees all
  bool self = false;                  // reads s, of the last step
  bool now = false;                   // reads this step's values, not the last one's
  std::size_t gater = 0, gaters = 0;  // column of the first gater; 0 gaters: none
  bool gater_now = false;
  std::size_t weights = 0;    // in the packed weights
  std::size_t parameter = 0;  // in the weight vector
  bool learned = false;

  std::size_t pairs() const noexcept { return n * fan_in; }
  std::size_t source(std::size_t k) const noexcept { return from + (shared_out ? k * m / n : 0); }
  std::size_t gater_of(std::size_t k) const noexcept { return gater + k * gaters / n; }
};

struct Group {
  std::size_t first = 0, units = 0;  // of all units
  kernels::Activation activation;
  std::size_t link_begin = 0, link_end = 0;  // the links that lead to it
};

class Circuit {
 public:
  /// Throws SettingError for a wiring with a fault.
  explicit Circuit(Wiring wiring);

  const Wiring& wiring() const noexcept { return wiring_; }
  const std::vector<Group>& groups() const noexcept { return groups_; }
  /// By the group they lead to, each group's in the order of the wiring.
  const std::vector<Link>& links() const noexcept { return links_; }
  /// Units of all groups together.
  std::size_t units() const noexcept { return units_; }
  /// Of the wiring's outputs, side by side.
  const std::vector<Group>& outputs() const noexcept { return outputs_; }

  // Columns of a row of values.
  std::size_t x() const noexcept { return 1; }
  std::size_t y() const noexcept { return 1 + wiring_.inputs; }
  std::size_t s() const noexcept { return y() + units_; }
  std::size_t width() const noexcept { return s() + units_; }

  /// Weights of all links, for good or learned.
  std::size_t weights() const noexcept { return weights_; }
  /// Enters "name.TO.FROM" [units, fan in] for each learned link ("name.TO.self" for one with itself).
  void declare(ParameterTable& table, const std::string& name);
  /// Which of all units it leads to.
  std::size_t unit_of(const Parameter& parameter, std::size_t element) const;
  template <class T>
  void initialise(std::span<T> weights, std::uint64_t seed) const;
  /// packed [weights()]
  template <class T>
  void pack(std::span<const T> weights, std::span<T> packed) const;

 private:
  Link link_of(const Connection& connection, std::size_t to) const;

  Wiring wiring_;
  std::vector<Group> groups_, outputs_;
  std::vector<Link> links_;
  std::vector<std::size_t> connection_;  // of each link
  std::size_t units_ = 0, weights_ = 0;
};

}  // namespace carousel
