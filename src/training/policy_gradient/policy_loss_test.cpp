// What policy gradients follow: against sums by hand, differences, and the exact gradient of what can be
// expected, all ways to act enumerated.
#include "training/policy_gradient/policy_loss.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "support/gradient_check.h"
#include "support/same_bits.h"
#include "training/policy_gradient/acting_testing.h"
#include "training/policy_gradient/advantages.h"

namespace carousel {
namespace {

TEST(Advantages, AreTheSumsOfTheirFormula) {
  constexpr std::size_t n = 9;
  const std::vector<std::uint8_t> over = {0, 0, 1, 1, 0, 0, 0, 0, 0};
  const double discount = 0.9, lambda = 0.8, next_value = 0.7;
  std::vector<double> rewards(n), values(n), found(n);
  for (std::size_t t = 0; t < n; ++t) {
    rewards[t] = Random(1, 0).uniform(t, -1, 1);
    values[t] = Random(1, 1).uniform(t, -1, 1);
  }
  const auto error = [&](std::size_t t) {
    const double next = over[t] != 0 ? 0 : t + 1 < n ? values[t + 1] : next_value;
    return rewards[t] + discount * next - values[t];
  };
  estimate_advantages({rewards, values, over, next_value}, discount, lambda, found);
  for (std::size_t t = 0; t < n; ++t) {
    double sum = 0;
    for (std::size_t l = 0; t + l < n; ++l) {
      sum += std::pow(discount * lambda, l) * error(t + l);
      if (over[t + l] != 0) break;
    }
    EXPECT_NEAR(found[t], sum, 1e-14) << t;
  }
}

/// One choice of two, then another: what is seen says what was chosen. What is brought is a table.
struct TwoSteps {
  static constexpr double kFirst[2] = {0.5, -1};
  static constexpr double kSecond[2][2] = {{2, -0.5}, {1, 4}};
  static std::vector<double> seen(std::size_t step, std::size_t first) {
    return step == 0 ? std::vector<double>{1, 0} : std::vector<double>{-0.5, first == 0 ? -1.0 : 1.0};
  }
};

/// The episode in which these two acts are done, and how likely it is.
double play(const Network<double>& network, const std::size_t (&acts)[2], Rollout<double>& rollout) {
  rollout.clear();
  Tensor<double> state = network.start(1), y({1, 3});
  rollout.state.assign(state.span().begin(), state.span().end());
  std::vector<double> scratch(network.step_scratch(1));
  double probability = 1;
  for (std::size_t t = 0; t < 2; ++t) {
    const std::vector<double> x = TwoSteps::seen(t, acts[0]);
    network.step({x.data(), 1, 2}, state.matrix(), y.matrix(), scratch.data());
    probability *= std::exp(y[acts[t]]) / (std::exp(y[0]) + std::exp(y[1]));
    rollout.x.insert(rollout.x.end(), x.begin(), x.end());
    rollout.y.insert(rollout.y.end(), y.data(), y.data() + 3);
    rollout.acts.push_back(static_cast<float>(acts[t]));
    rollout.rewards.push_back(t == 0 ? TwoSteps::kFirst[acts[0]] : TwoSteps::kSecond[acts[0]][acts[1]]);
    rollout.over.push_back(t == 1);
  }
  return probability;
}

/// With discount and lambda 1, for any baseline.
TEST(PolicyLoss, ItsExpectedGradientIsThatOfTheExpectedReturn) {
  Network<double> network("lstm 3 learned_start=on, dense 3", 2, 5);
  std::vector<double> weights(network.weights().begin(), network.weights().end());
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] += Random(2, 0).uniform(i, -1, 1);
  const auto for_all_episodes = [&](auto visit) {
    network.set_weights(weights);
    std::vector<Rollout<double>> rollouts(1);
    for (std::size_t first : {0, 1})
      for (std::size_t second : {0, 1}) {
        const double probability = play(network, {first, second}, rollouts[0]);
        visit(probability, rollouts);
      }
  };
  const CategoricalPolicy<double> policy(2);
  PolicyLoss<double> loss(network, policy);
  PolicyBatch<double> batch;
  std::vector<Judgement<double>> judgements(1);
  ThreadPool pool(1);
  Pass pass;
  pass.pool = &pool;
  pass.training = true;
  for (const double clip : {0.0, 0.2}) {  // ppo's first update is a2c's
    std::vector<double> expected(weights.size()), one(weights.size());
    for_all_episodes([&](double probability, const std::vector<Rollout<double>>& rollouts) {
      judge_rollout(rollouts[0], policy, 1, 1, judgements[0]);
      batch.assemble(network, rollouts, judgements, std::vector<std::size_t>{0});
      loss.gradient(pass, batch, {.value_weight = 0, .entropy_weight = 0, .clip = clip}, 1, one);
      for (std::size_t i = 0; i < one.size(); ++i) expected[i] += probability * one[i];
    });
    EXPECT_TRUE(testing::gradient_matches("weights", weights, expected, [&] {
      double sum = 0;
      for_all_episodes([&](double probability, const std::vector<Rollout<double>>& rollouts) {
        sum -= probability * (rollouts[0].rewards[0] + rollouts[0].rewards[1]);
      });
      return sum;
    }));
  }
}

MakeEnvironment recall() {
  return [] { return std::make_unique<Recall>(2, 6); };
}

/// Rollouts of a network that has acted for a while, and what they are worth.
struct Acted {
  Acted(const Network<double>& network, const Policy<double>& policy, std::size_t steps, std::size_t calls)
      : actors(network, policy, recall(), 3, 11, pool), judgements(3) {
    for (std::size_t i = 0; i < calls; ++i) rollouts = actors.play(steps);
    for (std::size_t row = 0; row < 3; ++row) judge_rollout(rollouts[row], policy, 0.9, 0.8, judgements[row]);
  }
  ThreadPool pool{1};
  Actors<double> actors;
  std::vector<Rollout<double>> rollouts;
  std::vector<Judgement<double>> judgements;
};

Pass training(ThreadPool& pool) {
  Pass pass;
  pass.pool = &pool;
  pass.training = true;
  return pass;
}

TEST(PolicyLoss, ItsDerivativeIsThatOfItsDifferences) {
  Network<double> network("lstm 3 learned_start=on, dense 3", 2, 5);
  const CategoricalPolicy<double> policy(2);
  Acted acted(network, policy, 7, 2);  // begins inside of episodes
  PolicyLoss<double> loss(network, policy);
  PolicyBatch<double> batch;
  const std::vector<std::size_t> rows = {0, 2};
  std::vector<double> weights(network.weights().begin(), network.weights().end());
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] += Random(2, 0).uniform(i, -0.4, 0.4);
  std::vector<double> gradient(weights.size()), other(weights.size());
  for (const double clip : {0.0, 0.1, 0.5}) {
    const auto evaluate = [&](std::span<double> into) {
      network.set_weights(weights);
      batch.assemble(network, acted.rollouts, acted.judgements, rows);
      return loss.gradient(training(acted.pool), batch,
                           {.value_weight = 0.7, .entropy_weight = 0.3, .clip = clip}, 14, into);
    };
    evaluate(gradient);
    EXPECT_TRUE(testing::gradient_matches("weights", weights, gradient, [&] { return evaluate(other); }))
        << clip;
  }
}

// One output is the weight of its bias alone; one step, so that all can be told.
TEST(PolicyLoss, IsClippedAsPpoSays) {
  Network<double> network("dense 3", 1);
  const CategoricalPolicy<double> policy(2);
  PolicyLoss<double> loss(network, policy);
  PolicyBatch<double> batch;
  ThreadPool pool(1);
  struct Case {
    double ratio, advantage, expected, slope;  // the slope on log p
  };
  for (const Case& c : {Case{1.1, 2, -2.2, -2.2},
                        {1.3, 2, -2.4, 0},
                        {0.5, 2, -1, -1},
                        {1.3, -2, 2.6, 2.6},
                        {0.9, -2, 1.8, 1.8},
                        {0.5, -2, 1.6, 0}}) {
    // p(0) = 0.6 now
    const double logit = std::log(0.6 / 0.4);
    network.set_weights(std::vector<double>{0, 0, 0, logit, 0, 3});
    std::vector<Rollout<double>> rollouts(1);
    rollouts[0].x = {1};
    rollouts[0].acts = {0};
    rollouts[0].rewards = {0};
    rollouts[0].over = {1};
    const std::vector<Judgement<double>> judgements = {
        {.log_probabilities = {std::log(0.6 / c.ratio)}, .advantages = {c.advantage}, .returns = {1}}};
    batch.assemble(network, rollouts, judgements, std::vector<std::size_t>{0});
    std::vector<double> gradient(6);
    const double found = loss.gradient(training(pool), batch,
                                       {.value_weight = 0.25, .entropy_weight = 0, .clip = 0.2}, 2, gradient);
    EXPECT_NEAR(found, (c.expected + 0.25 * 4) / 2, 1e-13);
    EXPECT_NEAR(gradient[3], c.slope * 0.4 / 2, 1e-13);
    EXPECT_NEAR(gradient[4], -c.slope * 0.4 / 2, 1e-13);
    EXPECT_NEAR(gradient[5], 0.25 * 2 * 2 / 2, 1e-13);
  }
}

/// Outputs of an episode of its own.
std::vector<double> outputs_of(const Network<double>& network, const std::vector<double>& x) {
  ThreadPool pool(1);
  Pass pass;
  pass.pool = &pool;
  Sequences<double> in({x.size() / network.inputs()}, network.inputs()), out;
  std::ranges::copy(x, in.values().begin());
  Tensor<double> state = network.start(1);
  const auto trace = network.make_trace();
  network.forward(pass, in, state.matrix(), out, *trace);
  return {out.values().begin(), out.values().end()};
}

// Episodes that begin and end inside of rollouts, and go on from one to the next, have the outputs of
// sequences of their own, to the bit; and gradients are sums over them.
TEST(Rollout, ResetsAndRolloutsDoNotShow) {
  const Network<double> network("lstm 5 learned_start=on, dense 3", 2, 5);
  const CategoricalPolicy<double> policy(2);
  ThreadPool pool(2);
  Actors<double> actors(network, policy, recall(), 3, 11, pool);
  std::vector<std::vector<double>> x(3), y(3);
  std::size_t episodes = 0, goes_on = 0;
  for (int i = 0; i < 20; ++i) {
    const auto& rollouts = actors.play(7);
    for (std::size_t row = 0; row < 3; ++row) {
      const Rollout<double>& rollout = rollouts[row];
      ASSERT_EQ(rollout.steps(), 7u);
      EXPECT_EQ(rollout.begins, x[row].empty());
      goes_on += !rollout.begins;
      for (std::size_t t = 0; t < 7; ++t) {
        x[row].insert(x[row].end(), &rollout.x[2 * t], &rollout.x[2 * t] + 2);
        y[row].insert(y[row].end(), &rollout.y[3 * t], &rollout.y[3 * t] + 3);
        if (rollout.over[t] == 0) continue;
        EXPECT_TRUE(testing::same_bits<double>(outputs_of(network, x[row]), y[row]));
        ++episodes;
        x[row].clear(), y[row].clear();
      }
    }
  }
  EXPECT_GT(episodes, 80u);
  EXPECT_GT(goes_on, 30u);
}

TEST(Rollout, GradientsOfStretchesAreAdded) {
  const Network<double> network("lstm 5 learned_start=on, dense 3", 2, 5);
  const CategoricalPolicy<double> policy(2);
  Acted acted(network, policy, 9, 3);
  PolicyLoss<double> loss(network, policy);
  PolicyBatch<double> batch;
  std::vector<double> whole(network.weights().size()), sum(whole.size()), one(whole.size());
  batch.assemble(network, acted.rollouts, acted.judgements, std::vector<std::size_t>{0, 1, 2});
  loss.gradient(training(acted.pool), batch, {.clip = 0.2}, 1, whole);
  // Each stretch as a rollout of its own.
  for (std::size_t row = 0; row < 3; ++row) {
    const Rollout<double>& from = acted.rollouts[row];
    const Judgement<double>& judged = acted.judgements[row];
    std::vector<Rollout<double>> rollouts(1);
    std::vector<Judgement<double>> judgements(1);
    for (std::size_t t = 0, begin = 0; t < 9; ++t) {
      rollouts[0].x.insert(rollouts[0].x.end(), &from.x[2 * t], &from.x[2 * t] + 2);
      rollouts[0].acts.push_back(from.acts[t]);
      rollouts[0].rewards.push_back(from.rewards[t]);
      rollouts[0].over.push_back(0);
      judgements[0].log_probabilities.push_back(judged.log_probabilities[t]);
      judgements[0].advantages.push_back(judged.advantages[t]);
      judgements[0].returns.push_back(judged.returns[t]);
      if (from.over[t] == 0 && t < 8) continue;
      rollouts[0].begins = begin > 0 || from.begins;
      rollouts[0].state = from.state;
      batch.assemble(network, rollouts, judgements, std::vector<std::size_t>{0});
      loss.gradient(training(acted.pool), batch, {.clip = 0.2}, 1, one);
      for (std::size_t i = 0; i < one.size(); ++i) sum[i] += one[i];
      rollouts[0] = {}, judgements[0] = {};
      begin = t + 1;
    }
  }
  for (std::size_t i = 0; i < sum.size(); ++i) EXPECT_NEAR(sum[i], whole[i], 1e-12);
}

}  // namespace
}  // namespace carousel
