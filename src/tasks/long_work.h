// What is told of long work that is no training.
#pragma once

#include <functional>
#include <string>

namespace carousel {

/// Called with what is being done and the fraction of it that is: 0 when it begins, then more and more, 1 at
/// the end; on the thread that asked for the work. May be empty.
using TellWork = std::function<void(const std::string& what, double fraction)>;

}  // namespace carousel
