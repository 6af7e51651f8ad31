// Samples at another rate, block by block.
//
// Band-limited interpolation: an output is the inner product of the input around its time with a sinc under a
// Kaiser window (Smith, "Digital Audio Resampling Home Page", Stanford 2002; Kaiser 1974), cut off at the
// lower of both Nyquist frequencies. Below 0.84 of that all passes unchanged; what lies above it is 80 dB
// down. Our own, because the result must not depend on how the input is cut into blocks nor on the CPU, and
// the libraries at hand promise neither.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace carousel {

class Resampler {
 public:
  /// Rates lie within a factor of this of each other.
  static constexpr std::uint32_t kLargestFactor = 128;

  static constexpr bool within_reach(std::uint64_t from, std::uint64_t to) noexcept {
    return from != 0 && to != 0 && from <= kLargestFactor * to && to <= kLargestFactor * from;
  }

  /// Samples a second, of what comes and of what is wanted. Throws Error for rates that are not within reach
  /// of each other.
  Resampler(std::uint32_t from, std::uint32_t to);

  /// Appends the outputs that the samples so far decide.
  void push(std::span<const float> samples, std::vector<float>& out);
  /// Appends those that are left: for N samples they are output_length(N) in all. Ends the stream.
  void finish(std::vector<float>& out);
  /// ceil(N to / from), as far as a 64-bit number goes.
  std::uint64_t output_length(std::uint64_t samples) const noexcept;

 private:
  std::vector<float> filter(double phase) const;

  /// Outputs and inputs of one period, without common factors.
  std::uint64_t up_, down_;
  /// Inputs on each side of an output that it is made of.
  std::size_t half_;
  double cutoff_;
  /// Of every phase between two inputs: [phases, 2 half]. Where one period has more than kPhases of them, of
  /// kPhases + 1, between which filters are interpolated.
  std::vector<float> filters_;
  /// Inputs that outputs still need, from `begin_`, which may lie behind what has come.
  std::vector<float> buffer_;
  std::size_t begin_ = 0;
  std::uint64_t phase_ = 0;
};

}  // namespace carousel
