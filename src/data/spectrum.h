// Sound as a network hears it: log-mel energies or mel-frequency cepstral coefficients (MFCC), a row every
// hop.
//
// Bands and their energies are those of mel.h (the HTK mel scale). log_mel: the natural logarithm of each, no
// lower than log(1e-10), which is below the rounding of 16-bit samples. mfcc: of M such logarithms m[j], the
// HTK Book's (5.14) c[i] = sqrt(2 / M) sum over j = 1 ... M of m[j] cos(pi i (j - 0.5) / M), i = 0, 1, ...;
// c[0] is the loudness, and no lifter is applied, for features are scaled anyway. Deltas: deltas.h.
//
// A row is a function of its frame alone (and of the neighbours that its deltas look at): whole or in pieces,
// the bits are the same. All is computed in double precision and rounded once to float; sines, cosines and
// logarithms are the C library's, so between two C libraries one number in some 10^8 may differ in its last
// bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "tensor/tensor.h"

namespace carousel {

enum class SpectrumKind { log_mel, mfcc };

struct SpectrumOptions {
  SpectrumKind kind = SpectrumKind::log_mel;
  /// Samples a second.
  std::uint32_t rate = 16000;
  /// Of a sound with several, from 0; nothing: the mean of all.
  std::optional<std::size_t> channel = {};
  /// A frame, and from one frame's begin to the next; rounded to whole samples. The hop is at most the
  /// window.
  double window_ms = 25, hop_ms = 10;
  /// Bands between both frequencies; high_hz 0: half the rate.
  std::size_t mels = 40;
  double low_hz = 20, high_hz = 0;
  /// 0 (none) to below 1.
  double pre_emphasis = 0.97;
  /// Of mfcc: 1 ... mels.
  std::size_t coefficients = 13;
  /// 0, 1 (deltas) or 2 (their deltas as well), and the frames on each side that they look at, 1 to 100.
  std::size_t deltas = 0;
  std::size_t delta_width = 2;
};

/// Numbers of a row: (mels or coefficients) times (1 + deltas).
std::size_t spectrum_features(const SpectrumOptions& options) noexcept;
/// Rows of so many samples: 1 + (samples - window) / hop, whole frames only; a shorter sound is filled up
/// with silence to one frame, and none has none. Throws SettingError naming the option.
std::size_t spectrum_frames(std::size_t samples, const SpectrumOptions& options);

/// Samples in as they come, rows out as soon as they are known: a row of deltas waits for delta_width more
/// frames, one of deltas of deltas for twice as many.
class SpectrumStream {
 public:
  /// Throws SettingError naming the option, and a band that is too narrow to hold a line of the spectrum.
  explicit SpectrumStream(const SpectrumOptions& options);
  ~SpectrumStream();
  SpectrumStream(SpectrumStream&&) noexcept;
  SpectrumStream& operator=(SpectrumStream&&) noexcept;

  /// Appends rows of spectrum_features() numbers.
  void push(std::span<const float> samples, std::vector<float>& rows);
  /// Appends those that are left, and begins anew.
  void finish(std::vector<float>& rows);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// The rows of a whole sound, [T, F]. Same errors.
Tensor<float> spectrum(std::span<const float> samples, const SpectrumOptions& options);

}  // namespace carousel
