// A discrete act, as acts come: a number among floats.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace carousel {

/// action: [1]. Throws Error, "[t_maze.step] ...", for what is no whole number below `choices`.
std::size_t choice(std::string_view environment, std::span<const float> action, std::size_t choices);

}  // namespace carousel
