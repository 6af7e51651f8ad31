#include "training/evolution/pagmo_evolution.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <pagmo/algorithm.hpp>
#include <pagmo/algorithms/cmaes.hpp>
#include <pagmo/algorithms/sga.hpp>
#include <pagmo/algorithms/xnes.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>
#include <string_view>
#include <utility>

#include "base/random.h"
#include "kernels/normal.h"

namespace carousel {

namespace {

using Member = PagmoEvolution::Member;

constexpr std::size_t kMostMembers = std::size_t{1} << 20, kMostGenes = std::size_t{1} << 27;
constexpr std::uint64_t kStream = std::uint64_t{0xE6} << 56;  // of random numbers, for those of a search
constexpr double kSmallest = std::numeric_limits<double>::denorm_min();

/// Thrown through pagmo when it has asked for as many losses as there are members.
struct AllAsked {};

/// How pagmo asks for losses. It makes all members of a generation before it needs a loss, but asks for one
/// after the other. So it is asked twice: a copy of the algorithm, whose questions are written down, and
/// the algorithm itself when all of them are answered.
struct Exchange {
  std::size_t members = 0;
  std::vector<Member> asked;
  std::vector<double> answers;  // empty: questions are written down
  std::size_t answered = 0;

  double loss(const Member& member) {
    if (!answers.empty()) return answers[answered++];
    asked.push_back(member);
    if (asked.size() == members) throw AllAsked();
    return 0;
  }
};

/// What pagmo takes for its problem.
struct Problem {
  std::shared_ptr<Exchange> exchange;
  Member lower, upper;

  pagmo::vector_double fitness(const Member& member) const { return {exchange->loss(member)}; }
  std::pair<Member, Member> get_bounds() const { return {lower, upper}; }
};

void in_range(const char* name, double value, double low, double high) {
  if (!(value >= low && value <= high))
    throw SettingError(fmt::format(
        "{}: found {}, expected {}", name, value,
        low == kSmallest ? fmt::format("above 0, to {}", high) : fmt::format("from {} to {}", low, high)));
}
void one_of(const char* name, const std::string& value, std::initializer_list<std::string_view> known) {
  if (std::ranges::find(known, value) == known.end())
    throw SettingError(
        fmt::format("{}: found '{}', expected one of {}", name, value, fmt::join(known, ", ")));
}

void check(const GeneticOptions& o, const PagmoSearchOptions& search) {
  one_of("selection", o.selection, {"tournament", "truncated"});
  in_range("selected", static_cast<double>(o.selected), 1, static_cast<double>(search.members));
  one_of("crossover", o.crossover, {"exponential", "binomial", "single", "sbx"});
  in_range("crossover_probability", o.crossover_probability, 0, 1);
  in_range("crossover_index", o.crossover_index, 1, 100);
  one_of("mutation", o.mutation, {"gaussian", "uniform", "polynomial"});
  in_range("mutation_probability", o.mutation_probability, 0, 1);
  in_range("mutation_deviation", o.mutation_deviation, 0, 2 * search.bound);
  in_range("mutation_index", o.mutation_index, 1, 100);
  if (o.crossover == "sbx" && search.members % 2 != 0)
    throw SettingError(
        fmt::format("members: found {}, expected an even number for crossover = sbx", search.members));
}

/// The options with no default left open.
PagmoSearchOptions checked(PagmoSearchOptions o, std::size_t weights) {
  one_of("method", o.method, {"cma_es", "xnes", "genetic"});
  const bool genetic = o.method == "genetic";
  if (weights == 0) throw SettingError("network: found no weights, expected some to search for");
  if (!genetic && weights > kMostSearchedWeights)
    throw SettingError(
        fmt::format("network: found {} weights, expected at most {} for {}, whose steps take time with the "
                    "cube of their number; take evolution_strategy or genetic",
                    weights, kMostSearchedWeights, o.method));
  const std::size_t least = genetic ? 2 : o.method == "xnes" ? 4 : 5;
  if (o.members == 0)
    o.members = genetic ? 64
                        : std::max<std::size_t>(
                              5, 4 + static_cast<std::size_t>(3 * std::log(static_cast<double>(weights))));
  if (o.members < least || o.members > kMostMembers)
    throw SettingError(
        fmt::format("members: found {}, expected from {} to {}", o.members, least, kMostMembers));
  if (o.members > kMostGenes / weights)
    throw SettingError(fmt::format("members: found {} of {} weights, expected at most {}", o.members, weights,
                                   kMostGenes / weights));
  in_range("bound", o.bound, kSmallest, 1e6);
  in_range("deviation", o.deviation, kSmallest, o.bound);
  if (genetic) check(o.genetic, o);
  return o;
}

pagmo::algorithm algorithm_of(const PagmoSearchOptions& o) {
  const std::uint32_t seed = Random(o.seed, kStream | kMostMembers).bits(0);
  const double sigma = o.deviation / (2 * o.bound);  // in widths of the box
  if (o.method == "cma_es")
    return pagmo::algorithm(pagmo::cmaes(1, -1, -1, -1, -1, sigma, 0, 0, true, true, seed));
  if (o.method == "xnes") return pagmo::algorithm(pagmo::xnes(1, -1, -1, -1, sigma, 0, 0, true, true, seed));
  const GeneticOptions& g = o.genetic;
  const double change = g.mutation == "polynomial" ? g.mutation_index
                        : g.mutation == "gaussian" ? g.mutation_deviation / (2 * o.bound)
                                                   : 0;
  return pagmo::algorithm(pagmo::sga(1, g.crossover_probability, g.crossover_index, g.mutation_probability,
                                     change, static_cast<unsigned>(g.selected), g.crossover, g.mutation,
                                     g.selection, seed));
}

/// pagmo sorts, and cannot sort NaN.
double without_nan(double loss) { return std::isnan(loss) ? std::numeric_limits<double>::infinity() : loss; }

}  // namespace

struct PagmoEvolution::State {
  PagmoSearchOptions options;
  Member start;
  std::shared_ptr<Exchange> exchange = std::make_shared<Exchange>();
  pagmo::algorithm algorithm;
  pagmo::population population;

  State(const Member& weights, const PagmoSearchOptions& wanted)
      : options(checked(wanted, weights.size())), start(weights), algorithm(algorithm_of(options)) {
    exchange->members = options.members;
    Problem problem{exchange, start, start};
    for (double& w : problem.lower) w -= options.bound;
    for (double& w : problem.upper) w += options.bound;
    population = pagmo::population(pagmo::problem(std::move(problem)), 0, 0);
  }

  bool parents_are_judged_again() const { return options.method == "genetic" && !options.one_round; }

  std::vector<Member> first_members() const {
    std::vector<Member> members(options.members, start);
    std::vector<double> noise(start.size());
    for (std::size_t i = 1; i < members.size(); ++i) {
      kernels::fill_normal(Random(options.seed, kStream | i), 0, noise.data(), noise.size());
      for (std::size_t j = 0; j < noise.size(); ++j)
        members[i][j] += std::clamp(options.deviation * noise[j], -options.bound, options.bound);
    }
    return members;
  }

  /// The algorithm has moved on in a copy alone.
  std::vector<Member> next_members() {
    exchange->asked.clear(), exchange->answers.clear();
    try {
      pagmo::algorithm(algorithm).evolve(population);
    } catch (const AllAsked&) {
    }
    for (const Member& member : exchange->asked)
      if (!std::ranges::all_of(member, [](double w) { return std::isfinite(w); }))
        throw TrainingError("a member has a weight that is no number; try a smaller deviation");
    return exchange->asked;
  }

  std::vector<double> begin(const Judge& judge) {
    const std::vector<Member> members = first_members();
    std::vector<double> losses = judge(members);
    for (std::size_t i = 0; i < members.size(); ++i)
      population.push_back(members[i], {without_nan(losses[i])});
    return losses;
  }

  std::vector<double> advance(const Judge& judge) {
    if (population.size() == 0) return begin(judge);
    if (parents_are_judged_again()) {
      const std::vector<Member> parents = population.get_x();
      const std::vector<double> losses = judge(parents);
      for (std::size_t i = 0; i < parents.size(); ++i)
        population.set_xf(i, parents[i], {without_nan(losses[i])});
    }
    std::vector<double> losses = judge(next_members());
    exchange->answers.resize(losses.size());
    std::ranges::transform(losses, exchange->answers.begin(), without_nan);
    exchange->answered = 0;
    population = algorithm.evolve(population);
    return losses;
  }
};

PagmoEvolution::PagmoEvolution(const Member& start, const PagmoSearchOptions& options)
    : state_(std::make_unique<State>(start, options)) {}
PagmoEvolution::~PagmoEvolution() = default;
PagmoEvolution::PagmoEvolution(PagmoEvolution&&) noexcept = default;
PagmoEvolution& PagmoEvolution::operator=(PagmoEvolution&&) noexcept = default;

std::vector<double> PagmoEvolution::advance(const Judge& judge) { return state_->advance(judge); }

std::size_t PagmoEvolution::judged(std::size_t generations) const {
  const std::size_t each = state_->parents_are_judged_again() ? 2 : 1;
  return generations == 0 ? 0 : state_->options.members * (1 + (generations - 1) * each);
}

const Member& PagmoEvolution::best() const {
  const pagmo::population& p = state_->population;
  return p.size() == 0 ? state_->start : p.get_x()[p.best_idx()];
}

}  // namespace carousel
