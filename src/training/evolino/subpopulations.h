// Enforced sub-populations (Gomez & Miikkulainen, "Solving Non-Markovian Control Tasks with Neuroevolution",
// IJCAI 1999; as in Schmidhuber, Wierstra, Gagliolo & Gomez, "Training Recurrent Networks by Evolino", Neural
// Computation 19, 2007): each group of weights, such as those of a unit, has a population of its own, and a
// network is made of one member of each. In a generation every member is part of as many networks, with
// partners drawn anew, and is worth the sum of their losses. Of each sub-population the best quarter is
// recombined in pairs by one-point crossover, Cauchy noise
//
//     f(x) = a / (pi (a^2 + x^2))
//
// is added, and the children replace the worse half. A burst makes all members anew: the best network's own
// group with such noise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/aligned.h"
#include "training/weight_groups.h"

namespace carousel {

struct SubpopulationOptions {
  std::size_t members = 40;  ///< of a sub-population: a multiple of 4, 4 to 2^16
  std::size_t trials = 1;    ///< networks that a member is part of in a generation, 1 to 1024
  double range = 0.1;        ///< first members lie within it of the weights given, 0 to 10^6
  double mutation = 1e-3;    ///< a: half of the noise is less than that, above 0 to 10^6
  std::uint64_t seed = 0;
};

/// T noise with the median of its size at a: functions of (seed, stream, index) as base/random.h has them.
/// out[j] is that of index first + j, a ratio of two normal numbers.
template <class T>
void fill_cauchy(const class Random& random, std::uint64_t first, double a, std::span<T> out);

template <class T>
class Subpopulations {
 public:
  /// Groups of places in a weight vector, at least one, none empty, none with a place of another; first
  /// members are spread evenly around `weights`. Throws SettingError for options out of range, Error for
  /// members that would not fit into memory.
  Subpopulations(std::vector<WeightGroup> groups, std::span<const T> weights,
                 const SubpopulationOptions& options);

  /// Networks of a generation.
  std::size_t networks() const noexcept { return options_.members * options_.trials; }
  /// Which member of each group a network [0, networks()) of a generation is made of. Each trial takes a
  /// permutation of every group.
  std::vector<std::size_t> partners(std::size_t generation, std::size_t network) const;
  /// Writes a network's groups into a weight vector.
  void assemble(std::span<const std::size_t> partners, std::span<T> weights) const;

  /// Makes the next generation. losses: of each network; NaN is the worst.
  void evolve(std::size_t generation, std::span<const double> losses);
  /// The same without regard to losses, around the best network's weights; one member of each group is the
  /// best's own.
  void burst(std::size_t generation, std::span<const T> best);

  /// Group by group, member by member: all that partners(), assemble() and evolve() depend on.
  const AlignedVector<T>& members() const noexcept { return members_; }
  /// As many as before.
  void set_members(const AlignedVector<T>& members) { members_ = members; }

 private:
  std::span<T> member(std::size_t group, std::size_t number) noexcept;
  std::span<const T> member(std::size_t group, std::size_t number) const noexcept;
  std::vector<std::size_t> permutation(std::size_t generation, std::size_t trial, std::size_t group) const;
  std::vector<std::size_t> ranking(const std::vector<double>& credit) const;
  void recombine(std::size_t generation, std::size_t group, const std::vector<std::size_t>& ranks);
  void mutate(std::size_t generation, std::size_t group, std::size_t number);

  std::vector<WeightGroup> groups_;
  SubpopulationOptions options_;
  std::vector<std::size_t> begin_;  // of each group in members_
  AlignedVector<T> members_, scratch_;
};

}  // namespace carousel
