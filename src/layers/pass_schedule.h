// The ways in which a layer shares a pass out to threads. Which one is taken depends on sizes only and shows
// in the time, never in the bits.
#pragma once

#include <algorithm>
#include <cstddef>

namespace carousel {

/// What a thread has a share of.
enum class SharedBy {
  rows,        ///< each thread has some sequences of the batch, for all time steps
  units,       ///< each thread has some units of the layer and waits for the others after every step
  steps,       ///< each thread has some time steps of all sequences; little is left for one after another
  heads,       ///< each thread has some heads of some sequences, for all time steps
  directions,  ///< each direction has a thread
  layers,      ///< a thread works on a layer while the next one works on what came out before
};

struct PassSchedule {
  SharedBy by = SharedBy::rows;
  std::size_t threads = 1;  ///< that have something to do

  bool operator==(const PassSchedule&) const = default;
};

constexpr const char* name(SharedBy by) noexcept {
  constexpr const char* names[] = {"rows", "units", "steps", "heads", "directions", "layers"};
  return names[static_cast<std::size_t>(by)];
}

/// What the choice depends on. A pass of so few steps that sharing it out would cost more than it brings is
/// made by one thread.
struct Load {
  std::size_t threads = 1;
  std::size_t batch = 1;
  bool keeps_trace = false;  ///< for backward, or for recordings

  PassSchedule by_rows() const noexcept {
    return {SharedBy::rows, std::max<std::size_t>(1, std::min(threads, batch))};
  }
};

}  // namespace carousel
