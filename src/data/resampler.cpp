#include "data/resampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "carousel/error.h"

namespace carousel {
namespace {

/// Zero crossings of the sinc on each side.
constexpr double kCrossings = 32;
/// Kaiser's window for 80 dB: 0.1102 (80 - 8.7). Its transition is 0.157 of the Nyquist frequency wide and
/// ends there (Oppenheim & Schafer, Discrete-Time Signal Processing, 7.5).
constexpr double kBeta = 7.857, kRolloff = 1 - 0.157 / 2;
/// Linear interpolation between neighbours among so many filters errs by less than (pi / 512)^2 / 8: 106 dB.
constexpr std::uint64_t kPhases = 512;
constexpr std::size_t kLanes = 8;

/// The modified Bessel function of order 0 (Abramowitz & Stegun 9.6.12), for |x| up to 10.
double bessel_i0(double x) {
  double sum = 1, term = 1;
  for (int k = 1; term > 1e-12 * sum; ++k) {
    term *= x * x / (4.0 * k * k);
    sum += term;
  }
  return sum;
}

/// In a fixed order of lanes, so that any vector width gives the same bits. n is a multiple of kLanes.
float inner_product(const float* a, const float* b, std::size_t n) {
  float lanes[kLanes] = {};
  for (std::size_t k = 0; k < n; k += kLanes)
    for (std::size_t j = 0; j < kLanes; ++j) lanes[j] += a[k + j] * b[k + j];
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

}  // namespace

Resampler::Resampler(std::uint32_t from, std::uint32_t to) {
  if (!within_reach(from, to)) {
    throw Error(fmt::format("[resampler] expected rates within a factor of {}, got {} and {}", kLargestFactor,
                            from, to));
  }
  const std::uint32_t common = std::gcd(from, to);
  up_ = to / common;
  down_ = from / common;
  const double slower = std::min(1.0, static_cast<double>(up_) / static_cast<double>(down_));
  cutoff_ = slower * kRolloff;
  // A multiple of 4, so that a filter is a multiple of the lanes.
  half_ = (static_cast<std::size_t>(std::ceil(kCrossings / slower)) + 3) / 4 * 4;
  const std::uint64_t phases = std::min(up_, kPhases);
  for (std::uint64_t p = 0; p < phases + (up_ > kPhases ? 1 : 0); ++p) {
    const std::vector<float> one = filter(static_cast<double>(p) / static_cast<double>(phases));
    filters_.insert(filters_.end(), one.begin(), one.end());
  }
  buffer_.resize(half_ - 1);
}

// Weights of the inputs 1 - half ... half for an output `phase` behind input 0. Their sum is 1, so that a
// constant stays what it is.
std::vector<float> Resampler::filter(double phase) const {
  std::vector<double> weights(2 * half_);
  double sum = 0;
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const double x = static_cast<double>(k) - static_cast<double>(half_ - 1) - phase;
    const double inside = 1 - (x / static_cast<double>(half_)) * (x / static_cast<double>(half_));
    const double angle = std::numbers::pi * cutoff_ * x;
    const double sinc = angle == 0 ? 1 : std::sin(angle) / angle;
    weights[k] = inside < 0 ? 0 : sinc * bessel_i0(kBeta * std::sqrt(inside));
    sum += weights[k];
  }
  std::vector<float> rounded(weights.size());
  for (std::size_t k = 0; k < weights.size(); ++k) rounded[k] = static_cast<float>(weights[k] / sum);
  return rounded;
}

void Resampler::push(std::span<const float> samples, std::vector<float>& out) {
  buffer_.insert(buffer_.end(), samples.begin(), samples.end());
  const std::size_t taps = 2 * half_;
  for (; begin_ + taps <= buffer_.size(); begin_ += phase_ / up_, phase_ %= up_) {
    const float* const input = buffer_.data() + begin_;
    if (up_ <= kPhases) {
      out.push_back(inner_product(input, filters_.data() + phase_ * taps, taps));
    } else {
      const double place = static_cast<double>(phase_ * kPhases) / static_cast<double>(up_);
      const auto whole = static_cast<std::size_t>(place);
      const float* const filter = filters_.data() + whole * taps;
      const auto part = static_cast<float>(place - static_cast<double>(whole));
      const float before = inner_product(input, filter, taps);
      out.push_back(before + part * (inner_product(input, filter + taps, taps) - before));
    }
    phase_ += down_;
  }
  const std::size_t gone = std::min(begin_, buffer_.size());
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(gone));
  begin_ -= gone;
}

void Resampler::finish(std::vector<float>& out) {
  // The last input is followed by silence: outputs from its time on have no input of their own.
  push(std::vector<float>(half_), out);
}

std::uint64_t Resampler::output_length(std::uint64_t samples) const noexcept {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t periods = samples / down_, rest = samples % down_;
  if (periods > (kMost - up_) / up_) return kMost;
  return periods * up_ + (rest * up_ + down_ - 1) / down_;
}

}  // namespace carousel
