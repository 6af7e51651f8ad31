#include "tasks/hidden_markov/baum_welch.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/compensated_sum.h"

namespace carousel {
namespace {

constexpr std::size_t kParts = 8;  // of the sequences, each summed by one thread
constexpr std::uint64_t kStepStream = 0x686d6d'73, kEmissionStream = 0x686d6d'65;  // of random numbers

/// What an estimate is made of: how often each state is the first, [states]; follows another, [states,
/// states]; and the emissions' sums.
struct Expectations {
  std::vector<double> first, next, emissions;
  CompensatedSum log_likelihood;
  std::size_t steps = 0;

  explicit Expectations(const HiddenMarkov& model)
      : first(model.states()), next(model.states() * model.states()), emissions(model.emissions().sums()) {}

  void add(const HiddenMarkov& model, const Observed& observed) {
    ForwardBackward pass(model, observed);
    if (!std::isfinite(pass.log_likelihood())) return;
    log_likelihood.add(pass.log_likelihood());
    steps += observed.steps;
    const std::size_t S = model.states();
    pass.backward([&](std::size_t t, std::span<const double> state, std::span<const double> onward) {
      const Range here = observed.states_at(t, S);
      model.emissions().add(observed.step(t), here, state, emissions);
      if (t == 0) std::ranges::transform(first, state, first.begin(), std::plus());
      if (onward.empty()) return;
      const Range to = observed.states_at(t + 1, S);
      for (std::size_t i = here.begin; i < here.end; ++i)
        for (std::size_t j = to.begin; j < to.end; ++j) next[i * S + j] += state[i] * onward[i * S + j];
    });
  }

  /// Every step wholly in the state of its stretch: runs of steps that may be in the same states are cut into
  /// as many equal ones.
  void add_stretches(const HiddenMarkov& model, const Observed& observed) {
    const std::size_t S = model.states();
    std::vector<double> weights(S);
    std::size_t before = S;
    for (std::size_t begin = 0, end = 0; begin < observed.steps; begin = end) {
      const Range range = observed.states_at(begin, S);
      while (end < observed.steps && observed.states_at(end, S) == range) ++end;
      for (std::size_t t = begin; t < end; ++t) {
        const std::size_t state = range.begin + (t - begin) * range.size() / (end - begin);
        weights[state] = 1;
        model.emissions().add(observed.step(t), {state, state + 1}, weights, emissions);
        weights[state] = 0;
        (before == S ? first[state] : next[before * S + state]) += 1;
        before = state;
      }
    }
  }

  Expectations& operator+=(const Expectations& other) {
    log_likelihood.add(other.log_likelihood.value());
    steps += other.steps;
    for (const auto& [to, from] :
         {std::pair(&first, &other.first), {&next, &other.next}, {&emissions, &other.emissions}})
      std::ranges::transform(*to, *from, to->begin(), std::plus());
    return *this;
  }
};

class Fit {
 public:
  Fit(const ObservedSequences& sequences, const BaumWelchOptions& options, ThreadPool& pool)
      : sequences_(sequences), options_(options), pool_(pool) {}

  BaumWelchFit run(HiddenMarkov model) const {
    std::vector<double> objective;
    for (std::size_t iteration = 0;; ++iteration) {
      const Expectations expected =
          expect(model, [&](Expectations& sums, const Observed& observed) { sums.add(model, observed); });
      objective.push_back(expected.log_likelihood.value() + log_prior(model));
      const bool converged = iteration > 0 && objective[iteration] - objective[iteration - 1] <=
                                                  options_.tolerance * static_cast<double>(expected.steps);
      if (converged || iteration == options_.iterations) return {std::move(model), std::move(objective)};
      maximise(model, expected);
    }
  }

  void start_by_stretches(HiddenMarkov& model) const {
    maximise(model, expect(model, [&](Expectations& sums, const Observed& observed) {
               sums.add_stretches(model, observed);
             }));
  }

  /// Each state near the step, of those that may be in it, that has drawn the smallest number.
  void start_by_chance(HiddenMarkov& model, std::size_t start) const {
    const std::size_t S = model.states();
    const Random random(start, kStepStream);
    std::vector<std::uint64_t> least(S, std::numeric_limits<std::uint64_t>::max());
    std::vector<std::vector<float>> seen(S);
    std::uint64_t index = 0;
    for (std::size_t i = 0; i < sequences_.count; ++i) {
      const Observed observed = sequences_.read(i);
      for (std::size_t t = 0; t < observed.steps; ++t, ++index) {
        const Range range = observed.states_at(t, S);
        for (std::size_t j = range.begin; j < range.end; ++j) {
          const std::uint64_t drawn = random.bits(index * S + j);
          if (drawn >= least[j]) continue;
          least[j] = drawn;
          seen[j].assign(observed.step(t).begin(), observed.step(t).end());
        }
      }
    }
    for (std::size_t j = 0; j < S; ++j)
      if (!seen[j].empty()) model.emissions().start(j, seen[j], Random(start, kEmissionStream));
  }

 private:
  template <class Add>
  Expectations expect(const HiddenMarkov& model, Add&& add) const {
    std::vector<Expectations> parts(kParts, Expectations(model));
    pool_.run(kParts, [&](std::size_t part) {
      for (std::size_t i = part * sequences_.count / kParts; i < (part + 1) * sequences_.count / kParts; ++i)
        add(parts[part], sequences_.read(i));
    });
    for (std::size_t part = 1; part < kParts; ++part) parts.front() += parts[part];
    return std::move(parts.front());
  }

  /// counts -> probabilities; a state that was never left stays what it is.
  void normalise(std::span<const double> counts, std::span<double> out) const {
    const double share = options_.pseudo_count / static_cast<double>(counts.size());
    double total = options_.pseudo_count;
    for (const double count : counts) total += count;
    if (total <= 0) return;
    for (std::size_t j = 0; j < counts.size(); ++j) out[j] = (counts[j] + share) / total;
  }

  void maximise(HiddenMarkov& model, const Expectations& expected) const {
    const std::size_t S = model.states();
    std::vector<double> first(model.first().begin(), model.first().end()),
        next(model.next().begin(), model.next().end());
    normalise(expected.first, first);
    for (std::size_t i = 0; i < S; ++i)
      normalise(std::span(expected.next).subspan(i * S, S), std::span(next).subspan(i * S, S));
    model.set_transitions(std::move(first), std::move(next));
    model.emissions().maximise(expected.emissions);
  }

  double log_prior(const HiddenMarkov& model) const {
    double sum = model.emissions().log_prior();
    if (options_.pseudo_count == 0) return sum;
    const double share = options_.pseudo_count / static_cast<double>(model.states());
    for (const auto values : {model.log_first(), model.log_next()})
      for (const double value : values) sum += share * value;
    return sum;
  }

  const ObservedSequences& sequences_;
  const BaumWelchOptions& options_;
  ThreadPool& pool_;
};

}  // namespace

BaumWelchFit baum_welch(const ObservedSequences& sequences, std::size_t states,
                        const MakeEmissions& emissions, const BaumWelchOptions& options, ThreadPool& pool) {
  const Fit fit(sequences, options, pool);
  HiddenMarkov model(states, emissions());
  fit.start_by_stretches(model);
  BaumWelchFit best = fit.run(std::move(model));
  for (std::size_t start = 1; start < options.starts; ++start) {
    HiddenMarkov other(states, emissions());
    fit.start_by_chance(other, start);
    BaumWelchFit made = fit.run(std::move(other));
    if (made.objective.back() > best.objective.back()) best = std::move(made);
  }
  return best;
}

FeatureMoments feature_moments(const ObservedSequences& sequences, std::size_t features) {
  std::vector<double> count(features);
  std::vector<CompensatedSum> sums(features), squares(features);
  const auto each = [&](const auto& take) {
    for (std::size_t i = 0; i < sequences.count; ++i) {
      const Observed observed = sequences.read(i);
      for (std::size_t k = 0; k < observed.x.size(); ++k)
        if (std::isfinite(observed.x[k])) take(k % features, static_cast<double>(observed.x[k]));
    }
  };
  each([&](std::size_t f, double value) { sums[f].add(value), ++count[f]; });
  FeatureMoments moments{std::vector<double>(features), std::vector<double>(features)};
  for (std::size_t f = 0; f < features; ++f)
    if (count[f] > 0) moments.mean[f] = sums[f].value() / count[f];
  each([&](std::size_t f, double value) {
    squares[f].add((value - moments.mean[f]) * (value - moments.mean[f]));
  });
  for (std::size_t f = 0; f < features; ++f)
    if (count[f] > 0) moments.variance[f] = squares[f].value() / count[f];
  return moments;
}

double baum_welch_bytes(double states, double emission_sums) {
  return 8 * static_cast<double>(kParts + 2) * (states * (states + 2) + emission_sums);
}

}  // namespace carousel
