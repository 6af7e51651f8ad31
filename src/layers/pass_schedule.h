// The ways in which a layer shares a pass out to threads. Which one is taken depends on sizes only and shows
// in the time, never in the bits.
#pragma once

#include <algorithm>
#include <cstddef>

namespace carousel {

enum class PassSchedule {
  rows,        ///< each thread has some sequences of the batch, for all time steps
  units,       ///< each thread has some units of the layer and waits for the others after every step
  directions,  ///< each direction has a thread
  layers,      ///< a thread works on a layer while the next one works on what came out before
};

constexpr const char* schedule_name(PassSchedule schedule) noexcept {
  constexpr const char* names[] = {"rows", "units", "directions", "layers"};
  return names[static_cast<std::size_t>(schedule)];
}

/// What the choice depends on.
struct Load {
  std::size_t threads = 1;
  std::size_t batch = 1;
  bool keeps_trace = false;  ///< for backward, or for recordings
};

/// Threads that have something to do.
constexpr std::size_t threads_used(PassSchedule schedule, const Load& load, std::size_t layers = 2) noexcept {
  switch (schedule) {
    case PassSchedule::rows:
      return std::min(load.threads, load.batch);
    case PassSchedule::units:
      return load.threads;
    case PassSchedule::directions:
      return std::min<std::size_t>(load.threads, 2);
    case PassSchedule::layers:
      return std::min(load.threads, layers);
  }
  return 1;
}

}  // namespace carousel
