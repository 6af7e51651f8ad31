#include "data/mel.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include "carousel/error.h"

namespace carousel {
namespace {

constexpr std::uint32_t kHighestRate = 384000;
constexpr double kLongestWindow = 1000;
constexpr std::size_t kMostMels = 1024, kWidestDelta = 100;

double mel(double hz) { return 2595 * std::log10(1 + hz / 700); }

std::size_t in_samples(double ms, const SpectrumOptions& options) noexcept {
  return static_cast<std::size_t>(std::lround(ms * options.rate / 1000));
}

double highest_hz(const SpectrumOptions& options) noexcept {
  return options.high_hz == 0 ? options.rate / 2.0 : options.high_hz;
}

[[noreturn]] void refuse(const char* option, auto found, const std::string& expected) {
  throw SettingError(fmt::format("{}: found {}, expected {}", option, found, expected));
}

void check_frames(const SpectrumOptions& options) {
  if (options.rate < 1 || options.rate > kHighestRate) {
    refuse("rate", options.rate, fmt::format("1 to {} samples a second", kHighestRate));
  }
  // Written so that NaN fails.
  if (!(options.window_ms > 0 && options.window_ms <= kLongestWindow))
    refuse("window", options.window_ms, fmt::format("more than 0 and at most {} ms", kLongestWindow));
  if (window_samples(options) < 2)
    refuse("rate", options.rate,
           fmt::format("at least 2 samples in a window of {} ms, {:.0f} a second", options.window_ms,
                       std::ceil(1500 / options.window_ms)));
  if (!(options.hop_ms > 0 && options.hop_ms <= options.window_ms) || hop_samples(options) < 1) {
    refuse("hop", options.hop_ms,
           fmt::format("at least 1 sample and at most the window, {} ms", options.window_ms));
  }
  if (!(options.pre_emphasis >= 0 && options.pre_emphasis < 1)) {
    refuse("pre_emphasis", options.pre_emphasis, "0 to below 1");
  }
}

}  // namespace

std::size_t window_samples(const SpectrumOptions& options) noexcept {
  return in_samples(options.window_ms, options);
}
std::size_t hop_samples(const SpectrumOptions& options) noexcept {
  return in_samples(options.hop_ms, options);
}

void check_spectrum(const SpectrumOptions& options) {
  check_frames(options);
  const double half = options.rate / 2.0, high = highest_hz(options);
  if (!(high > 0 && high <= half)) refuse("high_hz", high, fmt::format("at most {}, half the rate", half));
  if (!(options.low_hz >= 0 && options.low_hz < high)) {
    refuse("low_hz", options.low_hz, fmt::format("0 to below {}", high));
  }
  if (options.mels < 1 || options.mels > kMostMels)
    refuse("mels", options.mels, fmt::format("1 to {}", kMostMels));
  if (options.kind == SpectrumKind::mfcc &&
      (options.coefficients < 1 || options.coefficients > options.mels)) {
    refuse("coefficients", options.coefficients, fmt::format("1 to {}, the mels", options.mels));
  }
  if (options.deltas > 2) refuse("deltas", options.deltas, "0, 1 or 2");
  if (options.deltas > 0 && (options.delta_width < 1 || options.delta_width > kWidestDelta)) {
    refuse("delta_width", options.delta_width, fmt::format("1 to {} frames", kWidestDelta));
  }
}

MelEnergies::MelEnergies(const SpectrumOptions& options)
    : pre_emphasis_(options.pre_emphasis),
      window_((check_spectrum(options), window_samples(options))),
      padded_(std::bit_ceil(window_.size())),
      power_(padded_.size() / 2 + 1),
      spectrum_(padded_.size() / 2),
      transform_(padded_.size() / 2, false) {
  for (std::size_t n = 0; n < window_.size(); ++n)
    window_[n] = 0.54 - 0.46 * std::cos(2 * std::numbers::pi * static_cast<double>(n) /
                                        static_cast<double>(window_.size() - 1));
  make_filters(options);
}

void MelEnergies::make_filters(const SpectrumOptions& options) {
  const double step = static_cast<double>(options.rate) / static_cast<double>(padded_.size());
  const double low = mel(options.low_hz);
  const double width = (mel(highest_hz(options)) - low) / static_cast<double>(options.mels + 1);
  for (std::size_t band = 0; band < options.mels; ++band) {
    const double left = low + width * static_cast<double>(band);
    Filter filter{0, {}};
    for (std::size_t line = 0; line < power_.size(); ++line) {
      const double place = (mel(step * static_cast<double>(line)) - left) / width;  // 1 at the centre
      if (place <= 0 || place >= 2) continue;
      if (filter.weights.empty()) filter.begin = line;
      filter.weights.push_back(place <= 1 ? place : 2 - place);
    }
    if (filter.weights.empty()) {
      throw SettingError(
          fmt::format("mels: found {}, but band {} would be too narrow to hold a line of the spectrum "
                      "({:.4g} Hz apart); take fewer, or a longer window",
                      options.mels, band + 1, step));
    }
    filters_.push_back(std::move(filter));
  }
}

void MelEnergies::compute(const float* frame, std::span<double> energies) {
  double before = frame[0];
  for (std::size_t n = 0; n < window_.size(); ++n) {
    padded_[n] = (frame[n] - pre_emphasis_ * before) * window_[n];
    before = frame[n];
  }
  transform_.transform_real(padded_.data(), spectrum_.data());
  // The first number holds the first and the last line, which are real.
  power_.front() = spectrum_[0].real() * spectrum_[0].real();
  power_.back() = spectrum_[0].imag() * spectrum_[0].imag();
  for (std::size_t k = 1; k < spectrum_.size(); ++k)
    power_[k] = spectrum_[k].real() * spectrum_[k].real() + spectrum_[k].imag() * spectrum_[k].imag();
  for (std::size_t band = 0; band < filters_.size(); ++band) {
    const Filter& filter = filters_[band];
    double sum = 0;
    for (std::size_t k = 0; k < filter.weights.size(); ++k)
      sum += filter.weights[k] * power_[filter.begin + k];
    energies[band] = sum;
  }
}

}  // namespace carousel
