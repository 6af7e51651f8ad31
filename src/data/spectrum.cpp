#include "data/spectrum.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "data/deltas.h"
#include "data/mel.h"

namespace carousel {
namespace {

constexpr double kFloor = 1e-10;

/// The rows of the cosine transform that coefficients are made with, [coefficients, mels].
std::vector<double> cosines(const SpectrumOptions& options) {
  std::vector<double> rows;
  const auto mels = static_cast<double>(options.mels);
  for (std::size_t i = 0; i < options.coefficients; ++i)
    for (std::size_t j = 0; j < options.mels; ++j)
      rows.push_back(std::sqrt(2 / mels) * std::cos(std::numbers::pi * static_cast<double>(i) / mels *
                                                    (static_cast<double>(j) + 0.5)));
  return rows;
}

std::size_t static_features(const SpectrumOptions& options) noexcept {
  return options.kind == SpectrumKind::mfcc ? options.coefficients : options.mels;
}

}  // namespace

std::size_t spectrum_features(const SpectrumOptions& options) noexcept {
  return static_features(options) * (1 + options.deltas);
}

std::size_t spectrum_frames(std::size_t samples, const SpectrumOptions& options) {
  check_spectrum(options);
  const std::size_t window = window_samples(options);
  return samples < window ? std::min<std::size_t>(samples, 1) : 1 + (samples - window) / hop_samples(options);
}

class SpectrumStream::Implementation {
 public:
  explicit Implementation(const SpectrumOptions& options)
      : mels_(options),
        hop_(hop_samples(options)),
        deltas_(options.deltas, options.delta_width),
        energies_(options.mels),
        row_(static_features(options)) {
    if (options.kind == SpectrumKind::mfcc) cosines_ = cosines(options);
  }

  void push(std::span<const float> samples, std::vector<float>& rows) {
    buffer_.insert(buffer_.end(), samples.begin(), samples.end());
    std::size_t begin = 0;
    for (; begin + mels_.window() <= buffer_.size(); begin += hop_) add_frame(buffer_.data() + begin, rows);
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(begin));
  }

  void finish(std::vector<float>& rows) {
    if (!any_ && !buffer_.empty()) {
      buffer_.resize(mels_.window());
      add_frame(buffer_.data(), rows);
    }
    deltas_.finish(rows);
    buffer_.clear();
    any_ = false;
  }

 private:
  void add_frame(const float* frame, std::vector<float>& rows) {
    any_ = true;
    mels_.compute(frame, energies_);
    for (double& energy : energies_) energy = std::log(std::max(energy, kFloor));
    if (cosines_.empty()) {
      std::ranges::transform(energies_, row_.begin(), [](double value) { return static_cast<float>(value); });
    } else {
      for (std::size_t i = 0; i < row_.size(); ++i) {
        double sum = 0;
        for (std::size_t j = 0; j < energies_.size(); ++j)
          sum += cosines_[i * energies_.size() + j] * energies_[j];
        row_[i] = static_cast<float>(sum);
      }
    }
    deltas_.push(row_, rows);
  }

  MelEnergies mels_;
  std::size_t hop_;
  Deltas deltas_;
  std::vector<double> energies_, cosines_;
  std::vector<float> row_;
  /// Samples from the begin of the next frame. The hop is at most a window, so that begin has been reached.
  std::vector<float> buffer_;
  bool any_ = false;
};

SpectrumStream::SpectrumStream(const SpectrumOptions& options)
    : implementation_(std::make_unique<Implementation>(options)) {}
SpectrumStream::~SpectrumStream() = default;
SpectrumStream::SpectrumStream(SpectrumStream&&) noexcept = default;
SpectrumStream& SpectrumStream::operator=(SpectrumStream&&) noexcept = default;

void SpectrumStream::push(std::span<const float> samples, std::vector<float>& rows) {
  implementation_->push(samples, rows);
}
void SpectrumStream::finish(std::vector<float>& rows) { implementation_->finish(rows); }

Tensor<float> spectrum(std::span<const float> samples, const SpectrumOptions& options) {
  SpectrumStream stream(options);
  std::vector<float> rows;
  rows.reserve(spectrum_frames(samples.size(), options) * spectrum_features(options));
  stream.push(samples, rows);
  stream.finish(rows);
  // NOLINTNEXTLINE(clang-analyzer-core.DivideZero): the stream has refused options without features
  Tensor<float> frames({rows.size() / spectrum_features(options), spectrum_features(options)});
  std::ranges::copy(rows, frames.data());
  return frames;
}

}  // namespace carousel
