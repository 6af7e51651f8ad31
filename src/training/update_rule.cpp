#include "training/update_rule.h"

#include <fmt/format.h>

#include <algorithm>

namespace carousel {

namespace {

constexpr const char *kVectors = "optimizer.", *kSteps = "optimizer.steps", *kSchedule = "schedule.{}";

}  // namespace

template <class T>
void put_schedule(Checkpoint<T>& checkpoint, Schedule& schedule) {
  const std::span<const double> state = schedule.state();
  for (std::size_t i = 0; i < state.size(); ++i)
    checkpoint.numbers[fmt::format(fmt::runtime(kSchedule), i)] = state[i];
}

template <class T>
void take_schedule(const Checkpoint<T>& checkpoint, Schedule& schedule) {
  const std::span<double> state = schedule.state();
  std::vector<double> numbers;
  for (std::size_t i = 0; i < state.size(); ++i)
    numbers.push_back(checkpoint.number(fmt::format(fmt::runtime(kSchedule), i)));
  std::ranges::copy(numbers, state.begin());
}

template <class T>
void put_update_rule(Checkpoint<T>& checkpoint, Optimizer<T>& optimizer, Schedule& schedule) {
  for (const auto& [name, values] : optimizer.state())
    checkpoint.vectors[kVectors + name].assign(values.begin(), values.end());
  checkpoint.numbers[kSteps] = static_cast<double>(optimizer.steps);
  put_schedule(checkpoint, schedule);
}

template <class T>
void take_update_rule(const Checkpoint<T>& checkpoint, Optimizer<T>& optimizer, Schedule& schedule) {
  for (const auto& [name, values] : optimizer.state()) checkpoint.vector(kVectors + name, values.size());
  const std::size_t steps = checkpoint.count(kSteps);
  take_schedule(checkpoint, schedule);
  for (const auto& [name, values] : optimizer.state())
    std::ranges::copy(checkpoint.vector(kVectors + name, values.size()), values.begin());
  optimizer.steps = steps;
}

template void put_schedule(Checkpoint<float>&, Schedule&);
template void put_schedule(Checkpoint<double>&, Schedule&);
template void take_schedule(const Checkpoint<float>&, Schedule&);
template void take_schedule(const Checkpoint<double>&, Schedule&);
template void put_update_rule(Checkpoint<float>&, Optimizer<float>&, Schedule&);
template void put_update_rule(Checkpoint<double>&, Optimizer<double>&, Schedule&);
template void take_update_rule(const Checkpoint<float>&, Optimizer<float>&, Schedule&);
template void take_update_rule(const Checkpoint<double>&, Optimizer<double>&, Schedule&);

}  // namespace carousel
