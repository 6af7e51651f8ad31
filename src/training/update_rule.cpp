#include "training/update_rule.h"

#include <fmt/format.h>

#include <algorithm>

namespace carousel {

namespace {

constexpr const char *kVectors = "optimizer.", *kSteps = "optimizer.steps", *kSchedule = "schedule.{}";

}  // namespace

template <class T>
void put_update_rule(Checkpoint<T>& checkpoint, Optimizer<T>& optimizer, Schedule& schedule) {
  for (const auto& [name, values] : optimizer.state())
    checkpoint.vectors[kVectors + name].assign(values.begin(), values.end());
  checkpoint.numbers[kSteps] = static_cast<double>(optimizer.steps);
  const std::span<const double> of_schedule = schedule.state();
  for (std::size_t i = 0; i < of_schedule.size(); ++i)
    checkpoint.numbers[fmt::format(fmt::runtime(kSchedule), i)] = of_schedule[i];
}

template <class T>
void take_update_rule(const Checkpoint<T>& checkpoint, Optimizer<T>& optimizer, Schedule& schedule) {
  for (const auto& [name, values] : optimizer.state()) checkpoint.vector(kVectors + name, values.size());
  const std::size_t steps = checkpoint.count(kSteps);
  const std::span<double> of_schedule = schedule.state();
  std::vector<double> numbers;
  for (std::size_t i = 0; i < of_schedule.size(); ++i)
    numbers.push_back(checkpoint.number(fmt::format(fmt::runtime(kSchedule), i)));
  for (const auto& [name, values] : optimizer.state())
    std::ranges::copy(checkpoint.vector(kVectors + name, values.size()), values.begin());
  optimizer.steps = steps;
  std::ranges::copy(numbers, of_schedule.begin());
}

template void put_update_rule(Checkpoint<float>&, Optimizer<float>&, Schedule&);
template void put_update_rule(Checkpoint<double>&, Optimizer<double>&, Schedule&);
template void take_update_rule(const Checkpoint<float>&, Optimizer<float>&, Schedule&);
template void take_update_rule(const Checkpoint<double>&, Optimizer<double>&, Schedule&);

}  // namespace carousel
