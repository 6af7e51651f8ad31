#include "tasks/environments/environment_batch.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>

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
  std::ranges::fill(episodes_, 0);
  for (std::size_t row = 0; row < rows(); ++row) begin(row);
}

void EnvironmentBatch::begin(std::size_t row) {
  const auto words = Random(seed_, row).block(episodes_[row]++);
  environments_[row]->reset(std::uint64_t{words[1]} << 32 | words[0], seen_.matrix().row_span(row));
}

void EnvironmentBatch::step(View<const float> actions, std::span<Environment::Step> steps) {
  const std::size_t numbers = action_kind() == ActionKind::discrete ? 1 : this->actions();
  if (actions.rows() != rows() || actions.columns() != numbers || steps.size() != rows())
    throw Error(
        fmt::format("[environment_batch.step] expected acts [{}, {}] and {} steps, got [{}, {}] and {}",
                    rows(), numbers, rows(), actions.rows(), actions.columns(), steps.size()));
  const View<float> seen = seen_.matrix();
  for (std::size_t row = 0; row < rows(); ++row) {
    steps[row] = environments_[row]->step(actions.row_span(row), seen.row_span(row));
    if (steps[row].over) begin(row);
  }
}

}  // namespace carousel
