#include "training/evolino/subpopulations.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "base/random.h"
#include "kernels/normal.h"
#include "tensor/shape.h"

namespace carousel {

namespace {

constexpr std::size_t kMostMembers = std::size_t{1} << 16, kMostTrials = 1024;
constexpr double kMostMutation = 1e6;

/// What random numbers are for. Generations are below 2^36.
enum class Purpose : std::uint64_t { first = 0xE600, partners = 0xE610, crossover = 0xE620, noise = 0xE630 };
Random random_for(const SubpopulationOptions& options, Purpose purpose, std::size_t generation = 0) {
  return {options.seed, static_cast<std::uint64_t>(purpose) << 48 | generation};
}
/// One of many streams that hang on a stream.
Random branch(const Random& random, std::uint64_t number) {
  const auto bits = random.block(number);
  return {std::uint64_t{bits[0]} << 32 | bits[1], std::uint64_t{bits[2]} << 32 | bits[3]};
}

void check(const SubpopulationOptions& o) {
  if (o.members < 4 || o.members > kMostMembers || o.members % 4 != 0)
    throw SettingError(
        fmt::format("members: found {}, expected a multiple of 4 from 4 to {}", o.members, kMostMembers));
  if (o.trials < 1 || o.trials > kMostTrials)
    throw SettingError(fmt::format("trials: found {}, expected from 1 to {}", o.trials, kMostTrials));
  if (!(o.range >= 0) || !(o.range <= kMostMutation))
    throw SettingError(fmt::format("range: found {}, expected from 0 to {}", o.range, kMostMutation));
  if (!(o.mutation > 0) || !(o.mutation <= kMostMutation))
    throw SettingError(
        fmt::format("mutation: found {}, expected above 0, at most {}", o.mutation, kMostMutation));
}

}  // namespace

template <class T>
void fill_cauchy(const Random& random, std::uint64_t first, double a, std::span<T> out) {
  for (std::size_t j = 0; j < out.size(); ++j) {
    double normal[2];  // never 0
    kernels::fill_normal(random, 2 * (first + j), normal, 2);
    out[j] = static_cast<T>(a * (normal[0] / normal[1]));
  }
}

template <class T>
Subpopulations<T>::Subpopulations(std::vector<WeightGroup> groups, std::span<const T> weights,
                                  const SubpopulationOptions& options)
    : groups_(std::move(groups)), options_(options) {
  check(options);
  if (groups_.empty() || std::ranges::any_of(groups_, [](const WeightGroup& g) { return g.empty(); }))
    throw Error("[subpopulations] expected groups of weights to evolve, none of them empty");
  std::size_t size = 0;
  for (const WeightGroup& group : groups_) {
    begin_.push_back(size);
    size = checked_add(size, checked_multiply(group.size(), options.members, "members"), "members");
  }
  members_.resize(Shape({size}).size());
  scratch_.resize(members_.size());
  const Random random = random_for(options, Purpose::first);
  for (std::size_t g = 0, i = 0; g < groups_.size(); ++g)
    for (std::size_t m = 0; m < options.members; ++m)
      for (const std::size_t place : groups_[g])
        members_[i] = weights[place] + static_cast<T>(random.uniform(i, -options.range, options.range)), ++i;
}

template <class T>
std::span<T> Subpopulations<T>::member(std::size_t group, std::size_t number) noexcept {
  const std::size_t size = groups_[group].size();
  return std::span(members_).subspan(begin_[group] + number * size, size);
}
template <class T>
std::span<const T> Subpopulations<T>::member(std::size_t group, std::size_t number) const noexcept {
  const std::size_t size = groups_[group].size();
  return std::span(members_).subspan(begin_[group] + number * size, size);
}

template <class T>
std::vector<std::size_t> Subpopulations<T>::permutation(std::size_t generation, std::size_t trial,
                                                        std::size_t group) const {
  std::vector<std::size_t> order(options_.members);
  std::iota(order.begin(), order.end(), std::size_t{0});
  branch(random_for(options_, Purpose::partners, generation), trial * groups_.size() + group).shuffle(order);
  return order;
}

template <class T>
std::vector<std::size_t> Subpopulations<T>::partners(std::size_t generation, std::size_t network) const {
  std::vector<std::size_t> result(groups_.size());
  for (std::size_t g = 0; g < groups_.size(); ++g)
    result[g] = permutation(generation, network / options_.members, g)[network % options_.members];
  return result;
}

template <class T>
void Subpopulations<T>::assemble(std::span<const std::size_t> partners, std::span<T> weights) const {
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const std::span<const T> from = member(g, partners[g]);
    for (std::size_t k = 0; k < from.size(); ++k) weights[groups_[g][k]] = from[k];
  }
}

/// Members from the best to the worst; of equals the first is the better.
template <class T>
std::vector<std::size_t> Subpopulations<T>::ranking(const std::vector<double>& credit) const {
  std::vector<std::size_t> ranks(credit.size());
  std::iota(ranks.begin(), ranks.end(), std::size_t{0});
  std::ranges::stable_sort(ranks, {}, [&](std::size_t m) { return credit[m]; });
  return ranks;
}

template <class T>
void Subpopulations<T>::evolve(std::size_t generation, std::span<const double> losses) {
  const std::size_t n = options_.members;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    std::vector<double> credit(n);
    for (std::size_t trial = 0; trial < options_.trials; ++trial) {
      const std::vector<std::size_t> order = permutation(generation, trial, g);
      for (std::size_t i = 0; i < n; ++i) {
        const double loss = losses[trial * n + i];
        credit[order[i]] += std::isnan(loss) ? std::numeric_limits<double>::infinity() : loss;
      }
    }
    recombine(generation, g, ranking(credit));
  }
}

/// Members in the order of their ranks; then pairs of children in the places of the worse half. The better
/// parent of a pair is each of the best quarter in turn, its mate another of them.
template <class T>
void Subpopulations<T>::recombine(std::size_t generation, std::size_t group,
                                  const std::vector<std::size_t>& ranks) {
  const std::size_t parents = options_.members / 4, size = groups_[group].size();
  for (std::size_t m = 0; m < ranks.size(); ++m)
    std::ranges::copy(member(group, ranks[m]), scratch_.begin() + static_cast<std::ptrdiff_t>(m * size));
  std::ranges::copy_n(scratch_.begin(), static_cast<std::ptrdiff_t>(ranks.size() * size),
                      member(group, 0).begin());
  const Random random = branch(random_for(options_, Purpose::crossover, generation), group);
  for (std::size_t k = 0; k < parents; ++k) {
    const std::size_t step = parents > 1 ? 1 + random.below(2 * k, parents - 1) : 0;
    const std::span<const T> one = member(group, k), other = member(group, (k + step) % parents);
    const std::size_t cut = size > 1 ? 1 + random.below(2 * k + 1, size - 1) : 0;
    const std::size_t first = 2 * parents + 2 * k;
    const std::span<T> child = member(group, first), sibling = member(group, first + 1);
    for (std::size_t j = 0; j < size; ++j) {
      child[j] = j < cut ? one[j] : other[j];
      sibling[j] = j < cut ? other[j] : one[j];
    }
    mutate(generation, group, first);
    mutate(generation, group, first + 1);
  }
}

template <class T>
void Subpopulations<T>::mutate(std::size_t generation, std::size_t group, std::size_t number) {
  const std::span<T> changed = member(group, number);
  const std::span<T> noise = std::span(scratch_).first(changed.size());
  const std::uint64_t first = begin_[group] + number * changed.size();
  fill_cauchy(random_for(options_, Purpose::noise, generation), first, options_.mutation, noise);
  for (std::size_t j = 0; j < changed.size(); ++j) changed[j] += noise[j];
}

template <class T>
void Subpopulations<T>::burst(std::size_t generation, std::span<const T> best) {
  for (std::size_t g = 0; g < groups_.size(); ++g)
    for (std::size_t m = 0; m < options_.members; ++m) {
      const std::span<T> made = member(g, m);
      for (std::size_t j = 0; j < made.size(); ++j) made[j] = best[groups_[g][j]];
      if (m > 0) mutate(generation, g, m);
    }
}

template void fill_cauchy(const Random&, std::uint64_t, double, std::span<float>);
template void fill_cauchy(const Random&, std::uint64_t, double, std::span<double>);
template class Subpopulations<float>;
template class Subpopulations<double>;

}  // namespace carousel
