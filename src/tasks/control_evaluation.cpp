#include "tasks/control_evaluation.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <numeric>
#include <span>

#include "base/random.h"
#include "tasks/environments/environments.h"
#include "tasks/setting_checks.h"
#include "training/actor.h"

namespace carousel {

namespace {

constexpr std::uint64_t kFirstSeed = std::uint64_t{1} << 63;  // beyond those of any round of training
constexpr std::uint64_t kStream = std::uint64_t{0xC7} << 56;  // of random numbers, for acts without looking

/// Makes what acts in one episode, after the environment.
using MakeAct = std::function<Act(const Environment&, std::uint64_t episode)>;

std::vector<EpisodeOutcome> outcomes(const ControlEvaluation& e, const MakeAct& make_act, ThreadPool& pool) {
  std::vector<EpisodeOutcome> found(e.episodes);
  std::atomic<std::size_t> next = 0;
  pool.run(std::min(pool.threads(), e.episodes), [&](std::size_t) {
    const auto environment = make_environment(e.environment);
    for (std::size_t i = next++; i < e.episodes; i = next++)
      found[i] = play_episode(*environment, kFirstSeed + i, make_act(*environment, i));
  });
  return found;
}

ControlScore score(std::string name, std::span<const EpisodeOutcome> found) {
  ControlScore s{.name = std::move(name), .worst = HUGE_VAL, .best = -HUGE_VAL};
  for (const EpisodeOutcome& one : found) {
    s.mean += one.sum;
    s.steps += static_cast<double>(one.steps);
    s.worst = std::min(s.worst, one.sum), s.best = std::max(s.best, one.sum);
    s.solved += one.success ? 1 : 0;
  }
  const auto n = static_cast<double>(found.size());
  s.mean /= n, s.steps /= n, s.solved /= n;
  for (const EpisodeOutcome& one : found) s.deviation += (one.sum - s.mean) * (one.sum - s.mean);
  s.deviation =
      s.worst == s.best ? 0 : std::sqrt(s.deviation / n);  // equal returns differ from their mean by rounding
  return s;
}

/// Choices, or numbers, with the same chance each.
MakeAct random_acts() {
  return [](const Environment& environment, std::uint64_t episode) -> Act {
    const Random random(episode, kStream);
    const std::size_t choices = environment.action_kind() == ActionKind::discrete ? environment.actions() : 0;
    return [=, index = std::uint64_t{0}](std::span<const float>, std::span<float> done) mutable {
      for (float& value : done)
        value = choices > 0 ? static_cast<float>(random.below(index++, choices))
                            : static_cast<float>(random.uniform(index++, -1, 1));
      return true;
    };
  };
}

MakeAct always(float value) {
  return [value](const Environment&, std::uint64_t) -> Act {
    return [value](std::span<const float>, std::span<float> done) {
      std::ranges::fill(done, value);
      return true;
    };
  };
}

ControlScore best_constant(const ControlEvaluation& e, ThreadPool& pool) {
  const auto environment = make_environment(e.environment);
  std::vector<float> values{-1, 0, 1};
  if (environment->action_kind() == ActionKind::discrete) {
    values.resize(environment->actions());
    std::iota(values.begin(), values.end(), 0.0F);
  }
  std::vector<ControlScore> scores;
  for (const float value : values) scores.push_back(score("always", outcomes(e, always(value), pool)));
  return *std::ranges::max_element(scores, {}, &ControlScore::mean);
}

MakeAct acts_of(const Network<float>& network) {
  return [&network](const Environment& environment, std::uint64_t) -> Act {
    return [actor = std::make_shared<Actor<float>>(network, environment)](
               std::span<const float> seen, std::span<float> done) { return actor->act(seen, done); };
  };
}

PlayedEpisode played(const ControlEvaluation& e, const Network<float>& network, std::size_t number) {
  const auto environment = make_environment(e.environment);
  PlayedEpisode episode;
  episode.number = number + 1;
  const auto look = [&] { episode.frames.push_back(environment->shapes()); };
  const Act act = acts_of(network)(*environment, number);
  const auto watched_act = [&](std::span<const float> seen, std::span<float> done) {
    if (episode.frames.empty()) episode.stage = environment->stage(), look();
    return act(seen, done);
  };
  play_episode(*environment, kFirstSeed + number, watched_act,
               [&](std::span<const float> seen, std::span<const float> done, const Environment::Step& step) {
                 episode.seen.emplace_back(seen.begin(), seen.end());
                 episode.done.emplace_back(done.begin(), done.end());
                 episode.rewards.push_back(step.reward);
                 look();
               });
  return episode;
}

std::size_t median_episode(std::span<const EpisodeOutcome> found) {
  std::vector<std::size_t> order(found.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return found[i].sum; });
  return order[(order.size() - 1) / 2];
}

}  // namespace

ControlEvaluation evaluate_control(const std::string& run, const std::optional<std::string>& environment,
                                   ThreadPool& pool) {
  const ControlModel model = load_policy(run);
  ControlEvaluation e;
  e.environment = environment.value_or(model.settings.environment);
  e.own = !environment;
  e.episodes = model.settings.test_episodes;
  const auto world = in_option("environment", [&] { return make_environment(e.environment); });
  const Actor<float> fits(model.network, *world);
  e.best_return = world->best_return();
  const std::vector<EpisodeOutcome> found = outcomes(e, acts_of(model.network), pool);
  e.model = score("model", found);
  e.diverged = std::isnan(e.model.mean);
  e.baselines = {score("random", outcomes(e, random_acts(), pool)), best_constant(e, pool)};
  e.beats_baselines = !e.diverged && std::ranges::all_of(e.baselines, [&](const ControlScore& baseline) {
    return e.model.mean > baseline.mean;
  });
  if (!e.diverged) e.played = played(e, model.network, median_episode(found));
  return e;
}

}  // namespace carousel
