// What Baum-Welch promises: it never gets worse, finds a model again that made the data, counts what is
// labelled, and takes whatever sequences there are.
#include "tasks/hidden_markov/baum_welch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace carousel {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

ObservedSequences sequences_of(const std::vector<Observed>& all) {
  return {all.size(), [&all](std::size_t i) { return all[i]; }};
}

/// A standard normal number.
double normal(const Random& random, std::uint64_t index) {
  double sum = -6;
  for (std::uint64_t k = 0; k < 12; ++k) sum += random.uniform(12 * index + k);
  return sum;
}

std::size_t draw(const std::vector<double>& shares, double uniform) {
  std::size_t k = 0;
  for (double sum = shares[0]; k + 1 < shares.size() && uniform >= sum; sum += shares[k]) ++k;
  return k;
}

/// Two states, of mean -2 or 3 and deviation 1 or 0.5 (numbers), or of other symbols out of three.
struct Source {
  std::vector<double> first{0.8, 0.2};
  std::vector<std::vector<double>> next{{0.9, 0.1}, {0.3, 0.7}};
  std::vector<std::vector<double>> symbols{{0.7, 0.2, 0.1}, {0.1, 0.1, 0.8}};

  std::vector<Observed> make(std::size_t sequences, std::size_t T, bool of_symbols, bool labelled) const {
    std::vector<Observed> all;
    for (std::size_t n = 0; n < sequences; ++n) {
      const Random random(n, 7);
      Observed observed{T, {}, {}};
      for (std::size_t t = 0, state = 0; t < T; ++t) {
        state = draw(t == 0 ? first : next[state], random.uniform(2 * t));
        const double value = of_symbols ? static_cast<double>(draw(symbols[state], random.uniform(2 * t + 1)))
                             : state == 0 ? normal(Random(n, 8), t) - 2
                                          : 0.5 * normal(Random(n, 8), t) + 3;
        observed.x.push_back(static_cast<float>(value));
        if (labelled) observed.states.push_back({state, state + 1});
      }
      all.push_back(std::move(observed));
    }
    return all;
  }
};

MakeEmissions gaussians(const std::vector<Observed>& all, std::size_t states, std::size_t features) {
  return [=, moments = feature_moments(sequences_of(all), features)] {
    return gaussian_emissions(states, moments);
  };
}

double mean_of(const HiddenMarkov& model, std::size_t state) {
  // Of a quadratic a x² + b x + c its top, from three values.
  const auto at = [&](float x) {
    std::vector<double> out(model.states());
    model.emissions().log_probabilities(std::vector<float>{x}, {0, model.states()}, out);
    return out[state];
  };
  const double curve = at(1) + at(-1) - 2 * at(0);
  return -(at(1) - at(-1)) / (2 * curve);
}

double deviation_of(const HiddenMarkov& model, std::size_t state) {
  const auto at = [&](float x) {
    std::vector<double> out(model.states());
    model.emissions().log_probabilities(std::vector<float>{x}, {0, model.states()}, out);
    return out[state];
  };
  return 1 / std::sqrt(-(at(1) + at(-1) - 2 * at(0)));
}

TEST(BaumWelch, NeverGetsWorse) {
  ThreadPool pool(1);
  for (const bool of_symbols : {false, true})
    for (const double pseudo_count : {0.0, 1.0})
      for (const std::size_t states : {1, 2, 5}) {
        std::vector<Observed> all = Source().make(9, 30, of_symbols, false);
        if (!of_symbols)
          for (std::size_t i = 0; i < all.size(); ++i) all[i].x[i] = kMissing;
        const MakeEmissions emissions = of_symbols ? [=] { return symbol_emissions(states, 3, pseudo_count); }
                                                   : gaussians(all, states, 1);
        BaumWelchOptions options{
            .iterations = 60, .tolerance = -1, .starts = 1, .pseudo_count = pseudo_count};
        for (options.starts = 1; options.starts <= 3; ++options.starts) {
          const BaumWelchFit fit = baum_welch(sequences_of(all), states, emissions, options, pool);
          ASSERT_EQ(fit.objective.size(), 61u);
          for (std::size_t k = 1; k < fit.objective.size(); ++k)
            EXPECT_GE(fit.objective[k], fit.objective[k - 1] - 1e-9) << states << " states, " << k;
          if (pseudo_count > 0) continue;
          double likelihood = 0;
          for (const Observed& observed : all) likelihood += fit.model.log_likelihood(observed);
          EXPECT_NEAR(fit.objective.back(), likelihood, 1e-9);
        }
      }
}

TEST(BaumWelch, FindsNumbersAgain) {
  ThreadPool pool(1);
  const std::vector<Observed> all = Source().make(200, 60, false, false);
  const HiddenMarkov model =
      baum_welch(sequences_of(all), 2, gaussians(all, 2, 1), {.iterations = 100, .tolerance = 1e-7}, pool)
          .model;
  const std::size_t low = mean_of(model, 0) < mean_of(model, 1) ? 0 : 1, high = 1 - low;
  EXPECT_NEAR(mean_of(model, low), -2, 0.05);
  EXPECT_NEAR(mean_of(model, high), 3, 0.05);
  EXPECT_NEAR(deviation_of(model, low), 1, 0.03);
  EXPECT_NEAR(deviation_of(model, high), 0.5, 0.03);
  EXPECT_NEAR(model.next()[low * 2 + low], 0.9, 0.01);
  EXPECT_NEAR(model.next()[high * 2 + high], 0.7, 0.03);
  EXPECT_NEAR(model.first()[low], 0.8, 0.08);
}

TEST(BaumWelch, FindsSymbolsAgain) {
  ThreadPool pool(2);
  const Source source;
  const std::vector<Observed> all = source.make(400, 80, true, false);
  const HiddenMarkov model = baum_welch(
                                 sequences_of(all), 2, [] { return symbol_emissions(2, 3, 1); },
                                 {.iterations = 300, .tolerance = 1e-9, .starts = 2}, pool)
                                 .model;
  std::vector<std::vector<double>> shares(3, std::vector<double>(2));
  for (std::size_t k = 0; k < 3; ++k)
    model.emissions().log_probabilities(std::vector<float>{static_cast<float>(k)}, {0, 2}, shares[k]);
  const std::size_t first = shares[0][0] > shares[0][1] ? 0 : 1;
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_NEAR(std::exp(shares[k][first]), source.symbols[0][k], 0.03) << k;
    EXPECT_NEAR(std::exp(shares[k][1 - first]), source.symbols[1][k], 0.03) << k;
  }
  EXPECT_NEAR(model.next()[first * 2 + first], 0.9, 0.02);
  EXPECT_NEAR(model.next()[(1 - first) * 2 + 1 - first], 0.7, 0.05);
}

TEST(BaumWelch, CountsWhatIsLabelled) {
  ThreadPool pool(1);
  const std::vector<Observed> all = Source().make(3, 40, false, true);
  const HiddenMarkov model =
      baum_welch(sequences_of(all), 2, gaussians(all, 2, 1), {.pseudo_count = 0}, pool).model;
  double pairs[2][2] = {}, sum[2] = {}, count[2] = {}, first[2] = {};
  for (const Observed& observed : all)
    for (std::size_t t = 0; t < observed.steps; ++t) {
      const std::size_t state = observed.states[t].begin;
      sum[state] += static_cast<double>(observed.x[t]);
      ++count[state];
      if (t == 0) ++first[state];
      if (t > 0) ++pairs[observed.states[t - 1].begin][state];
    }
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NEAR(model.first()[i], first[i] / 3, 1e-12);
    EXPECT_NEAR(mean_of(model, i), sum[i] / count[i], 1e-9);
    for (std::size_t j = 0; j < 2; ++j)
      EXPECT_NEAR(model.next()[i * 2 + j], pairs[i][j] / (pairs[i][0] + pairs[i][1]), 1e-12);
  }
}

TEST(BaumWelch, GivesTheSameBitsOnAnyNumberOfThreads) {
  const std::vector<Observed> all = Source().make(21, 50, false, false);
  std::vector<std::vector<double>> objectives;
  for (const std::size_t threads : {1, 2, 3, 7}) {
    ThreadPool pool(threads);
    objectives.push_back(
        baum_welch(sequences_of(all), 4, gaussians(all, 4, 1), {.starts = 3}, pool).objective);
    EXPECT_EQ(objectives.front(), objectives.back()) << threads;
  }
}

/// A start by stretches sees the same in every one; a start by chance tells two states apart that take turns.
TEST(BaumWelch, MoreStartsFindWhatStretchesHide) {
  ThreadPool pool(1);
  std::vector<Observed> all(6, {64, {}, {}});
  for (std::size_t n = 0; n < all.size(); ++n)
    for (std::size_t t = 0; t < 64; ++t)
      all[n].x.push_back(static_cast<float>(2 * (t % 2)) +
                         0.1F * static_cast<float>(normal(Random(n, 3), t)));
  const auto fit = [&](std::size_t starts) {
    return baum_welch(sequences_of(all), 2, gaussians(all, 2, 1), {.starts = starts}, pool);
  };
  const BaumWelchFit more = fit(4);
  EXPECT_GE(more.objective.back(), fit(1).objective.back());
  EXPECT_GT(more.model.next()[1], 0.95);  // each is left for the other
  EXPECT_GT(more.model.next()[2], 0.95);
}

void expect_usable(const std::vector<Observed>& all, std::size_t states, std::size_t features) {
  ThreadPool pool(2);
  const BaumWelchFit fit =
      baum_welch(sequences_of(all), states, gaussians(all, states, features), {.starts = 2}, pool);
  for (const double objective : fit.objective) EXPECT_TRUE(std::isfinite(objective));
  for (const double share : fit.model.next()) EXPECT_TRUE(share >= 0 && share <= 1);
  EXPECT_TRUE(std::isfinite(fit.model.log_likelihood({2, std::vector<float>(2 * features, 0.5F), {}})));
}

TEST(BaumWelch, TakesWhateverThereIs) {
  expect_usable({}, 3, 2);
  expect_usable({{}, {}}, 3, 1);
  expect_usable({{}, {4, {1, 2, 3, 4}, {}}, {}}, 2, 1);
  expect_usable({{1, {5}, {}}}, 4, 1);                               // fewer steps than states
  expect_usable({{5, {7, 7, 7, 7, 7}, {}}, {2, {7, 7}, {}}}, 3, 1);  // constant
  expect_usable({{3, std::vector<float>(6, kMissing), {}}}, 2, 2);   // nothing seen at all
  expect_usable({{4, {1, kMissing, 2, kMissing, 3, kMissing, 4, kMissing}, {}}}, 2, 2);
  expect_usable({{4, {1e30F, -1e30F, 1e30F, 1e-30F}, {}}}, 2, 1);
}

/// Large numbers that differ little: as a state's mean so its variance.
TEST(BaumWelch, KeepsTheDigitsOfLargeNumbers) {
  ThreadPool pool(1);
  std::vector<Observed> all = Source().make(40, 50, false, false);
  const auto gains = [&] {
    const auto objective =
        baum_welch(sequences_of(all), 2, gaussians(all, 2, 1), {.iterations = 20, .tolerance = -1}, pool)
            .objective;
    return objective.back();
  };
  // Quarters, so that a shift by 2^20 loses nothing.
  for (Observed& observed : all)
    for (float& x : observed.x) x = std::round(4 * x) / 4;
  const double near = gains();
  for (Observed& observed : all)
    for (float& x : observed.x) x += 1048576;
  EXPECT_NEAR(gains(), near, 1e-5);
}

}  // namespace
}  // namespace carousel
