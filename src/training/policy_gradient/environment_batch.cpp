#include "training/policy_gradient/environment_batch.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include "base/random.h"

namespace carousel {

EnvironmentBatch::EnvironmentBatch(const MakeEnvironment& make, std::size_t rows, std::uint64_t seed)
    : episodes_(rows) {
  if (rows == 0) throw SettingError("environments: found 0 rows, expected at least 1");
  environments_.reserve(rows);
  for (std::size_t row = 0; row < rows; ++row) environments_.push_back(make());
  seen_.resize({rows, environments_[0]->observations()});
  reset(seed);
}

void EnvironmentBatch::reset(std::uint64_t seed) {
  seed_ = seed;
  for (std::size_t row = 0; row < rows(); ++row) begin(row, 0);
}

void EnvironmentBatch::begin(std::size_t row, std::uint64_t episode) {
  episodes_[row] = episode;
  const auto words = Random(seed_, row).block(episode);
  environments_[row]->reset(std::uint64_t{words[1]} << 32 | words[0], seen_.matrix().row_span(row));
}

Environment::Step EnvironmentBatch::step(std::size_t row, std::span<const float> action) {
  if (action.size() != act_numbers())
    throw Error(
        fmt::format("[environment_batch.step] expected acts of {}, got {}", act_numbers(), action.size()));
  const Environment::Step done = environments_[row]->step(action, seen_.matrix().row_span(row));
  if (done.over) begin(row, episodes_[row] + 1);
  return done;
}

double EnvironmentBatch::replay(std::size_t row, std::uint64_t episode, std::span<const float> acts) {
  if (acts.size() % act_numbers() != 0)
    throw Error(fmt::format("[environment_batch.replay] expected acts of {} numbers, got {} in all",
                            act_numbers(), acts.size()));
  begin(row, episode);
  double sum = 0;
  for (; !acts.empty() && episodes_[row] == episode; acts = acts.subspan(act_numbers()))
    sum += step(row, acts.first(act_numbers())).reward;
  if (episodes_[row] != episode)
    throw Error(fmt::format("[environment_batch.replay] episode {} of row {} is over before its acts are",
                            episode, row));
  return sum;
}

}  // namespace carousel
