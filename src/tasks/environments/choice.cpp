#include "tasks/environments/choice.h"

#include <carousel/error.h>
#include <fmt/format.h>

namespace carousel {

std::size_t choice(std::string_view environment, std::span<const float> action, std::size_t choices) {
  const float act = action[0];
  // Written so that NaN is refused too.
  if (act >= 0 && act < static_cast<float>(choices)) {
    const auto number = static_cast<std::size_t>(act);
    if (static_cast<float>(number) == act) return number;
  }
  throw Error(fmt::format("[{}.step] expected an act from 0 to {}, got {}", environment, choices - 1, act));
}

}  // namespace carousel
