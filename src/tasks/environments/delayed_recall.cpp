#include "tasks/environments/delayed_recall.h"

#include <algorithm>

#include "base/random.h"
#include "tasks/environments/choice.h"

namespace carousel {

void DelayedRecall::reset(std::uint64_t seed, std::span<float> observation) {
  seed_ = seed;
  steps_ = 0;
  see(observation);
}

Environment::Step DelayedRecall::step(std::span<const float> action, std::span<float> observation) {
  pulled_ = choice("delayed_recall", action, actions());
  const bool over = at_pull(), right = over && pulled_ == named(0);
  ++steps_;
  see(observation);
  return {right ? 1.0 : 0.0, over, right};
}

std::size_t DelayedRecall::named(std::size_t step) const {
  return Random(seed_, 0).below(step, options_.arms);
}

void DelayedRecall::see(std::span<float> observation) const {
  std::ranges::fill(observation, 0.0f);
  if (steps_ <= options_.delay) observation[named(steps_)] = 1;
  if (steps_ == 0) observation[options_.arms] = 1;
  if (at_pull()) observation[options_.arms + 1] = 1;
}

Stage DelayedRecall::stage() const {
  Stage stage{.left = -0.5, .bottom = -0.5, .right = static_cast<double>(options_.arms) + 0.5, .top = 1.5};
  for (std::size_t arm = 0; arm < options_.arms; ++arm) {
    const auto x = static_cast<double>(arm);
    stage.shapes.push_back(DrawnShape::box(Tone::ground, x + 0.1, 0, x + 0.9, 0.1));
  }
  const auto paying = static_cast<double>(named(0));
  stage.shapes.push_back(DrawnShape::box(Tone::target, paying + 0.1, 0, paying + 0.9, 0.1));
  return stage;
}

/// Above its arm a disc of what is named or pulled.
std::vector<DrawnShape> DelayedRecall::shapes() const {
  const auto above = [](Tone tone, std::size_t arm) {
    return DrawnShape::disc(tone, static_cast<double>(arm) + 0.5, 0.6, 0.35);
  };
  if (at_pull()) return {};
  if (steps_ > options_.delay) return {above(Tone::agent, pulled_)};
  return {above(steps_ == 0 ? Tone::target : Tone::thing, named(steps_))};
}

}  // namespace carousel
