// Frames of samples to mel energies: window, spectrum, filter bank.
//
// The HTK Book 3.4 (Young et al. 2006), chapter 5: pre-emphasis within the frame, x[n] - p x[n - 1], the
// first (1 - p) x[0] (5.2); a Hamming window, 0.54 - 0.46 cos(2 pi n / (N - 1)) (5.2); the power |X|^2 of the
// spectrum of the frame, filled up with zeros to a power of two; mel(f) = 2595 log10(1 + f / 700), and
// triangles that are equally wide on that scale, each from the centre of the one before to that of the next
// (5.4).
#pragma once

#include <complex>
#include <cstddef>
#include <kissfft/kissfft.hh>
#include <span>
#include <vector>

#include "data/spectrum.h"

namespace carousel {

/// Throws SettingError naming the option.
void check_spectrum(const SpectrumOptions& options);
/// In samples, of options that have been checked.
std::size_t window_samples(const SpectrumOptions& options) noexcept;
std::size_t hop_samples(const SpectrumOptions& options) noexcept;

class MelEnergies {
 public:
  /// Throws SettingError for options that cannot be honoured, and for a band without a line of the spectrum.
  explicit MelEnergies(const SpectrumOptions& options);

  std::size_t window() const noexcept { return window_.size(); }
  /// The energy in each mel band of a frame of window() samples.
  void compute(const float* frame, std::span<double> energies);

 private:
  /// Lines [begin, begin + weights.size()) of the spectrum, weighted.
  struct Filter {
    std::size_t begin;
    std::vector<double> weights;
  };
  void make_filters(const SpectrumOptions& options);

  double pre_emphasis_;
  std::vector<double> window_;
  /// The frame filled up, its spectrum packed in half as many numbers, and the power of all its lines.
  std::vector<double> padded_, power_;
  std::vector<std::complex<double>> spectrum_;
  kissfft<double> transform_;
  std::vector<Filter> filters_;
};

}  // namespace carousel
