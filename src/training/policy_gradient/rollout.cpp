#include "training/policy_gradient/rollout.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace carousel {

namespace {

constexpr std::uint64_t kStream = std::uint64_t{0xA6} << 56;  // of random numbers, for acts

std::string number_name(const char* what, std::size_t row) { return fmt::format("acting.{}.{}", what, row); }

}  // namespace

/// The rows that a thread plays, and its buffers: a place for each row that is playing.
template <class T>
struct Actors<T>::Stage {
  std::vector<std::size_t> rows;  // that are playing
  Tensor<T> x, state, y;
  std::vector<T> scratch, policy_scratch;

  void resize(const Network<T>& network) {
    const std::size_t n = rows.size();
    x.resize({n, network.inputs()});
    state.resize({n, network.state_size()});
    y.resize({n, network.outputs()});
    scratch.resize(std::max(scratch.size(), network.step_scratch(n)));
  }
};

template <class T>
Actors<T>::Actors(const Network<T>& network, const Policy<T>& policy, const MakeEnvironment& make,
                  std::size_t rows, std::uint64_t seed, ThreadPool& pool)
    : network_(network),
      policy_(policy),
      make_(make),
      seed_(seed),
      pool_(pool),
      environments_(make, rows, seed),
      states_({rows, network.state_size()}),
      lives_(rows),
      rollouts_(rows) {
  for (std::size_t i = 0; i < std::min(rows, pool.threads()); ++i) {
    stages_.push_back(std::make_unique<Stage>());
    stages_.back()->policy_scratch.resize(policy.outputs());
  }
}

template <class T>
Actors<T>::~Actors() = default;

template <class T>
const std::vector<Rollout<T>>& Actors<T>::play(std::size_t steps) {
  const std::size_t rows = rollouts_.size(), n = stages_.size();
  pool_.run(n, [&](std::size_t i) {
    std::vector<std::size_t>& playing = stages_[i]->rows;
    playing.clear();
    for (std::size_t row = rows * i / n; row < rows * (i + 1) / n; ++row) playing.push_back(row);
    play(*stages_[i], steps);
  });
  return rollouts_;
}

template <class T>
void Actors<T>::play(Stage& stage, std::size_t steps) {
  for (const std::size_t row : stage.rows) begin(row);
  for (std::size_t t = 0; steps == 0 ? !stage.rows.empty() : t < steps; ++t) {
    look(stage);
    for (std::size_t place = 0; place < stage.rows.size(); ++place) act(stage, place);
    if (steps == 0)
      std::erase_if(stage.rows, [&](std::size_t row) { return rollouts_[row].over.back() != 0; });
  }
  if (steps == 0) return;
  look(stage);
  for (std::size_t place = 0; place < stage.rows.size(); ++place)
    rollouts_[stage.rows[place]].next_value = static_cast<double>(stage.y.matrix()(place, policy_.outputs()));
}

template <class T>
void Actors<T>::begin(std::size_t row) {
  Rollout<T>& rollout = rollouts_[row];
  rollout.clear();
  rollout.begins = lives_[row].acts.empty();
  // Weights that say how sequences begin have changed since the last episode of the row was over.
  if (rollout.begins) network_.start(states_.matrix().rows(row, 1));
  const auto state = std::as_const(states_).matrix().row_span(row);
  rollout.state.assign(state.begin(), state.end());
}

template <class T>
void Actors<T>::look(Stage& stage) {
  stage.resize(network_);
  for (std::size_t place = 0; place < stage.rows.size(); ++place) {
    const std::size_t row = stage.rows[place];
    std::ranges::copy(environments_.observations().row_span(row), stage.x.matrix().row(place));
    std::ranges::copy(std::as_const(states_).matrix().row_span(row), stage.state.matrix().row(place));
  }
  network_.step(std::as_const(stage.x).matrix(), stage.state.matrix(), stage.y.matrix(),
                stage.scratch.data());
  for (const T y : stage.y.span())
    if (!std::isfinite(y))
      throw TrainingError(
          fmt::format("the network that acts puts out {}; a lower learning_rate may help", y));
}

template <class T>
void Actors<T>::act(Stage& stage, std::size_t place) {
  const std::size_t row = stage.rows[place], numbers = policy_.numbers();
  Rollout<T>& rollout = rollouts_[row];
  Life& life = lives_[row];
  const std::span<const T> x = std::as_const(stage.x).matrix().row_span(place);
  const std::span<const T> y = std::as_const(stage.y).matrix().row_span(place);
  rollout.x.insert(rollout.x.end(), x.begin(), x.end());
  rollout.y.insert(rollout.y.end(), y.begin(), y.end());
  rollout.acts.resize(rollout.acts.size() + numbers);
  const std::span<float> act(rollout.acts.end() - static_cast<std::ptrdiff_t>(numbers), numbers);
  const std::uint64_t index = (environments_.episode(row) << 32) * numbers + life.acts.size();
  policy_.draw(y.first(policy_.outputs()), {seed_, kStream | row}, index, act, stage.policy_scratch);
  life.acts.insert(life.acts.end(), act.begin(), act.end());
  const Environment::Step done = environments_.step(row, act);
  rollout.rewards.push_back(done.reward);
  rollout.over.push_back(done.over ? 1 : 0);
  life.sum += done.reward;
  if (!done.over) {
    std::ranges::copy(std::as_const(stage.state).matrix().row_span(place), states_.matrix().row(row));
    return;
  }
  rollout.returns.push_back(life.sum);
  life.acts.clear();
  life.sum = 0;
  network_.start(states_.matrix().rows(row, 1));
}

template <class T>
void Actors<T>::put(Checkpoint<T>& checkpoint) const {
  checkpoint.vectors["acting.state"].assign(states_.span().begin(), states_.span().end());
  AlignedVector<T>& acts = checkpoint.vectors["acting.acts"];
  for (std::size_t row = 0; row < lives_.size(); ++row) {
    acts.insert(acts.end(), lives_[row].acts.begin(), lives_[row].acts.end());
    checkpoint.numbers[number_name("episode", row)] = static_cast<double>(environments_.episode(row));
    checkpoint.numbers[number_name("acts", row)] = static_cast<double>(lives_[row].acts.size());
  }
}

template <class T>
void Actors<T>::take(const Checkpoint<T>& checkpoint) {
  const AlignedVector<T>& state = checkpoint.vector("acting.state", states_.size());
  const std::size_t rows = lives_.size();
  std::size_t all = 0;
  for (std::size_t row = 0; row < rows; ++row) all += checkpoint.count(number_name("acts", row));
  auto next = checkpoint.vector("acting.acts", all).begin();
  EnvironmentBatch environments(make_, rows, seed_);
  std::vector<Life> lives(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    Life& life = lives[row];
    const auto end = next + static_cast<std::ptrdiff_t>(checkpoint.count(number_name("acts", row)));
    std::transform(next, end, std::back_inserter(life.acts), [](T v) { return static_cast<float>(v); });
    next = end;
    try {
      life.sum = environments.replay(row, checkpoint.count(number_name("episode", row)), life.acts);
    } catch (const Error& error) {
      throw ModelError(
          fmt::format("the checkpoint's acts are not those of this environment: {}", error.what()));
    }
  }
  environments_ = std::move(environments);
  lives_ = std::move(lives);
  std::ranges::copy(state, states_.data());
}

template class Actors<float>;
template class Actors<double>;

}  // namespace carousel
