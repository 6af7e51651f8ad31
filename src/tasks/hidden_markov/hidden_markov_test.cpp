// Likelihoods and probabilities of states against the sum over all ways through the states.
#include "tasks/hidden_markov/hidden_markov.h"

#include <carousel/error.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

namespace carousel {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<double> random_shares(std::size_t n, const Random& random, std::size_t row, bool holes) {
  std::vector<double> shares(n);
  double sum = 0;
  for (std::size_t j = 0; j < n; ++j)
    sum += shares[j] = holes && j + 1 == row % n ? 0 : random.uniform(row * n + j, 0.05, 1);
  for (double& share : shares) share /= sum;
  return shares;
}

/// holes: some transitions cannot be.
HiddenMarkov random_model(std::size_t S, std::unique_ptr<Emissions> emissions, std::uint64_t seed,
                          bool holes = false) {
  const Random random(seed, 1);
  HiddenMarkov model(S, std::move(emissions));
  std::vector<double> next;
  for (std::size_t i = 0; i < S; ++i) {
    const std::vector<double> row = random_shares(S, random, i + 1, holes);
    next.insert(next.end(), row.begin(), row.end());
  }
  model.set_transitions(random_shares(S, random, 0, false), next);
  return model;
}

/// Means 0, spread, 2 spread, ...
std::unique_ptr<Emissions> normal(std::size_t S, std::size_t F, double spread) {
  auto emissions = gaussian_emissions(S, {std::vector<double>(F), std::vector<double>(F, 1)});
  for (std::size_t j = 0; j < S; ++j)
    emissions->start(j, std::vector<float>(F, static_cast<float>(spread * static_cast<double>(j))),
                     Random(0, 0));
  return emissions;
}

Observed random_numbers(std::size_t T, std::size_t F, std::uint64_t seed, double high) {
  const Random random(seed, 2);
  Observed observed{T, {}, {}};
  for (std::size_t i = 0; i < T * F; ++i)
    observed.x.push_back(static_cast<float>(random.uniform(i, -1, high)));
  return observed;
}

/// Sums over all ways through the states.
struct Ways {
  double likelihood = 0;
  std::vector<double> state, pair;  // [T, S], [T, S, S]: not yet divided by the likelihood

  Ways(const HiddenMarkov& model, const Observed& observed)
      : state(observed.steps * model.states()), pair(state.size() * model.states()) {
    const std::size_t S = model.states(), T = observed.steps;
    std::vector<double> emission(T * S);
    for (std::size_t t = 0; t < T; ++t)
      model.emissions().log_probabilities(observed.step(t), {0, S}, std::span(emission).subspan(t * S, S));
    std::size_t ways = 1;
    for (std::size_t t = 0; t < T; ++t) ways *= S;
    std::vector<std::size_t> at(T);
    for (std::size_t way = 0; way < ways; ++way) {
      bool may_be = true;
      for (std::size_t t = 0, rest = way; t < T; ++t, rest /= S) {
        at[t] = rest % S;
        const Range range = observed.states_at(t, S);
        may_be = may_be && at[t] >= range.begin && at[t] < range.end;
      }
      if (!may_be) continue;
      double p = 1;
      for (std::size_t t = 0; t < T; ++t)
        p *= (t == 0 ? model.first()[at[0]] : model.next()[at[t - 1] * S + at[t]]) *
             std::exp(emission[t * S + at[t]]);
      likelihood += p;
      for (std::size_t t = 0; t < T; ++t) state[t * S + at[t]] += p;
      for (std::size_t t = 0; t + 1 < T; ++t) pair[(t * S + at[t]) * S + at[t + 1]] += p;
    }
  }
};

void expect_like_all_ways(const HiddenMarkov& model, const Observed& observed) {
  const Ways ways(model, observed);
  const std::size_t S = model.states();
  EXPECT_NEAR(model.log_likelihood(observed), std::log(ways.likelihood), 1e-10);
  std::size_t steps = 0;
  ForwardBackward(model, observed)
      .backward([&](std::size_t t, std::span<const double> state, std::span<const double> next) {
        ++steps;
        EXPECT_EQ(next.empty(), t + 1 == observed.steps);
        for (std::size_t i = 0; i < S; ++i) {
          EXPECT_NEAR(state[i], ways.state[t * S + i] / ways.likelihood, 1e-12);
          if (next.empty() || state[i] == 0) continue;
          const Range to = observed.states_at(t + 1, S);
          for (std::size_t j = to.begin; j < to.end; ++j)
            EXPECT_NEAR(state[i] * next[i * S + j], ways.pair[(t * S + i) * S + j] / ways.likelihood, 1e-12);
        }
      });
  EXPECT_EQ(steps, observed.steps);
}

TEST(HiddenMarkov, AgreesWithTheSumOverAllWays) {
  for (std::size_t S = 1; S <= 3; ++S)
    for (std::size_t T = 1; T <= 6; ++T)
      for (const bool holes : {false, true}) {
        const HiddenMarkov model = random_model(S, normal(S, 2, 0.7), 10 * S + T, holes && S > 1);
        expect_like_all_ways(model, random_numbers(T, 2, T, 3));
      }
}

TEST(HiddenMarkov, AgreesWithItWhereStepsAreHeldToSomeStates) {
  const HiddenMarkov model = random_model(4, normal(4, 1, 0.5), 3);
  Observed observed = random_numbers(5, 1, 8, 2);
  observed.states = {{0, 2}, {0, 2}, {2, 4}, {0, 4}, {2, 3}};
  expect_like_all_ways(model, observed);
}

TEST(HiddenMarkov, AgreesWithItForSymbols) {
  auto emissions = symbol_emissions(3, 4, 0);
  for (std::size_t j = 0; j < 3; ++j)
    emissions->start(j, std::vector<float>{static_cast<float>(j)}, Random(5, 5));
  const HiddenMarkov model = random_model(3, std::move(emissions), 4);
  expect_like_all_ways(model, {6, {0, 3, 1, 1, 2, 0}, {}});
}

TEST(HiddenMarkov, LeavesOutWhatIsMissing) {
  const HiddenMarkov model = random_model(3, normal(3, 2, 1), 6);
  Observed observed = random_numbers(4, 2, 1, 3);
  observed.x[1] = observed.x[4] = observed.x[5] = kMissing;
  observed.x[7] = std::numeric_limits<float>::infinity();
  expect_like_all_ways(model, observed);
  // One feature of one step, the other missing: its density alone.
  const HiddenMarkov one(1, normal(1, 2, 0));
  EXPECT_NEAR(one.log_likelihood({1, {kMissing, 2}, {}}), -0.5 * std::log(2 * std::numbers::pi) - 2, 1e-12);
  EXPECT_EQ(one.log_likelihood({2, std::vector<float>(4, kMissing), {}}), 0);
}

/// States so unlike that probabilities of one are e^-50000 of the other's: the way through the unlikely one
/// is all there is once the last step has been seen.
TEST(HiddenMarkov, KeepsWhatNoFloatingPointNumberHolds) {
  HiddenMarkov model(2, normal(2, 1, 316));
  model.set_transitions({1, 0}, {0.5, 0.5, 0, 1});
  // The second state can only be gone into; at step 1 the first one is left although all speaks for it.
  const Observed observed{3, {0, 0, 316}, {}};
  const auto density = [](double distance) {
    return -0.5 * std::log(2 * std::numbers::pi) - 0.5 * distance * distance;
  };
  const double late = 3 * density(0) + 2 * std::log(0.5);  // into the second state at the last step
  EXPECT_NEAR(model.log_likelihood(observed), late, 1e-9);
  model.set_transitions({1, 0}, {1, 0, 0, 1});
  EXPECT_NEAR(model.log_likelihood(observed), 2 * density(0) + density(316), 1e-9);
  model.set_transitions({1, 1e-300}, {1 - 1e-300, 1e-300, 0, 1});
  std::vector<double> last;
  ForwardBackward(model, observed).backward([&](std::size_t t, std::span<const double> state, auto) {
    if (t == 2) last.assign(state.begin(), state.end());
  });
  EXPECT_NEAR(model.log_likelihood(observed), 3 * density(0) + std::log(1e-300), 1e-6);
  EXPECT_NEAR(last[1], 1, 1e-12);
}

/// Against scaled probabilities of all steps at once (Rabiner 1989, equations 91 to 95).
TEST(HiddenMarkov, LongSequencesInBlocksAreLikeWholeOnes) {
  const std::size_t S = 3;
  for (const std::size_t T : {1023, 1024, 1025, 2048, 3500}) {
    const HiddenMarkov model = random_model(S, normal(S, 1, 0.4), 21);
    const Observed observed = random_numbers(T, 1, T, 1.5);
    std::vector<double> b(T * S), alpha(T * S), beta(T * S, 1), scale(T);
    double likelihood = 0;
    for (std::size_t t = 0; t < T; ++t) {
      model.emissions().log_probabilities(observed.step(t), {0, S}, std::span(b).subspan(t * S, S));
      for (std::size_t j = 0; j < S; ++j) {
        double sum = t == 0 ? model.first()[j] : 0;
        for (std::size_t i = 0; i < S && t > 0; ++i) sum += alpha[(t - 1) * S + i] * model.next()[i * S + j];
        scale[t] += alpha[t * S + j] = sum * std::exp(b[t * S + j]);
      }
      for (std::size_t j = 0; j < S; ++j) alpha[t * S + j] /= scale[t];
      likelihood += std::log(scale[t]);
    }
    for (std::size_t t = T - 1; t-- > 0;)
      for (std::size_t i = 0; i < S; ++i) {
        beta[t * S + i] = 0;
        for (std::size_t j = 0; j < S; ++j)
          beta[t * S + i] +=
              model.next()[i * S + j] * std::exp(b[(t + 1) * S + j]) * beta[(t + 1) * S + j] / scale[t + 1];
      }
    EXPECT_NEAR(model.log_likelihood(observed), likelihood, 1e-8);
    std::size_t expected = T;
    ForwardBackward(model, observed).backward([&](std::size_t t, std::span<const double> state, auto) {
      ASSERT_EQ(t, --expected);
      for (std::size_t i = 0; i < S; ++i)
        ASSERT_NEAR(state[i], alpha[t * S + i] * beta[t * S + i], 1e-9) << t;
    });
    EXPECT_EQ(expected, 0u);
  }
}

TEST(HiddenMarkov, NothingToSeeIsCertainAndWhatCannotBeIsImpossible) {
  HiddenMarkov model(2, normal(2, 1, 1));
  EXPECT_EQ(model.log_likelihood({}), 0);
  model.set_transitions({1, 0}, {1, 0, 0, 1});
  const Observed elsewhere{2, {0, 0}, {{0, 1}, {1, 2}}};
  EXPECT_EQ(model.log_likelihood(elsewhere), -kInfinity);
  for (const Observed& observed : {Observed{}, elsewhere})
    ForwardBackward(model, observed).backward([](std::size_t, auto, auto) { FAIL(); });
  EXPECT_THROW(model.set_transitions({1}, {1, 0, 0, 1}), Error);
}

}  // namespace
}  // namespace carousel
