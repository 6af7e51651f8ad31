// Neighbouring steps side by side: time becomes `factor` times shorter and steps as many times wider. Where
// the last output has fewer steps left to hold, zeros stand in their places. Between recurrent layers: Chan,
// Jaitly, Le, Vinyals, "Listen, Attend and Spell", ICASSP 2016, eq. 5.
#pragma once

#include "layers/time_windows.h"

namespace carousel {

template <class T>
class Pyramid final : public TimeWindows<T> {
 public:
  Pyramid(std::size_t features, std::size_t factor)
      : TimeWindows<T>(features, factor * features, factor, factor) {}

  std::string kind() const override { return "pyramid"; }
  std::string description() const override;

 private:
  void join(const Sequences<T>& x, std::size_t b, std::size_t begin, std::size_t end,
            std::span<T> y) const noexcept override;
  void share_out(const Sequences<T>& x, std::size_t b, std::size_t begin, std::size_t end,
                 std::span<const T> y, std::span<const T> dy, Sequences<T>& dx) const noexcept override;
};

}  // namespace carousel
