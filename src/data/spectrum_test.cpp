#include "data/spectrum.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <cstdint>
#include <functional>
#include <numbers>

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr double kPi = std::numbers::pi;

std::vector<float> sine(double hz, double rate, std::size_t count) {
  std::vector<float> samples(count);
  for (std::size_t n = 0; n < count; ++n)
    samples[n] = static_cast<float>(0.5 * std::sin(2 * kPi * hz * static_cast<double>(n) / rate));
  return samples;
}

/// Something with all frequencies: a chirp beside a decaying buzz.
std::vector<float> sound(std::size_t count) {
  std::vector<float> samples(count);
  for (std::size_t n = 0; n < count; ++n) {
    const auto t = static_cast<double>(n);
    samples[n] =
        static_cast<float>(0.3 * std::sin(1e-4 * t * t) + 0.2 * std::exp(-t / 3000) * std::fmod(t, 37) / 37);
  }
  return samples;
}

// The formulas of the HTK Book, one after the other, with a DFT as it is written.
std::vector<double> slow_log_mel(std::span<const float> frame, const SpectrumOptions& options,
                                 std::size_t length) {
  const std::size_t window = frame.size();
  std::vector<double> x(length), power(length / 2 + 1), row;
  for (std::size_t n = 0; n < window; ++n) {
    const double emphasised =
        frame[n] - options.pre_emphasis * static_cast<double>(n == 0 ? frame[0] : frame[n - 1]);
    x[n] = emphasised *
           (0.54 - 0.46 * std::cos(2 * kPi * static_cast<double>(n) / static_cast<double>(window - 1)));
  }
  for (std::size_t k = 0; k < power.size(); ++k) {
    std::complex<double> sum = 0;
    for (std::size_t n = 0; n < length; ++n)
      sum += x[n] *
             std::polar(1.0, -2 * kPi * static_cast<double>(k * n % length) / static_cast<double>(length));
    power[k] = std::norm(sum);
  }
  const auto to_mel = [](double hz) { return 1127.010480 * std::log(1 + hz / 700); };
  const double high = options.high_hz == 0 ? options.rate / 2.0 : options.high_hz;
  std::vector<double> edges;
  for (std::size_t i = 0; i < options.mels + 2; ++i)
    edges.push_back(to_mel(options.low_hz) + (to_mel(high) - to_mel(options.low_hz)) *
                                                 static_cast<double>(i) /
                                                 static_cast<double>(options.mels + 1));
  for (std::size_t j = 1; j <= options.mels; ++j) {
    double energy = 0;
    for (std::size_t k = 0; k < power.size(); ++k) {
      const double m = to_mel(static_cast<double>(k) * options.rate / static_cast<double>(length));
      const double rising = (m - edges[j - 1]) / (edges[j] - edges[j - 1]);
      const double falling = (edges[j + 1] - m) / (edges[j + 1] - edges[j]);
      energy += std::max(0.0, std::min(rising, falling)) * power[k];
    }
    row.push_back(std::log(std::max(energy, 1e-10)));
  }
  return row;
}

std::vector<std::vector<double>> slow_rows(std::span<const float> samples, const SpectrumOptions& options,
                                           std::size_t window, std::size_t hop, std::size_t length) {
  std::vector<std::vector<double>> rows;
  for (std::size_t begin = 0; begin + window <= samples.size(); begin += hop) {
    const std::vector<double> mels = slow_log_mel(samples.subspan(begin, window), options, length);
    if (options.kind == SpectrumKind::log_mel) {
      rows.push_back(mels);
      continue;
    }
    std::vector<double> row(options.coefficients);
    const auto count = static_cast<double>(mels.size());
    for (std::size_t i = 0; i < row.size(); ++i)
      for (std::size_t j = 1; j <= mels.size(); ++j)
        row[i] += std::sqrt(2 / count) * mels[j - 1] *
                  std::cos(kPi * static_cast<double>(i) / count * (static_cast<double>(j) - 0.5));
    rows.push_back(row);
  }
  return rows;
}

void append_deltas(std::vector<std::vector<double>>& rows, std::size_t features, std::size_t order,
                   int width) {
  const int count = static_cast<int>(rows.size());
  for (std::size_t o = 0; o < order; ++o) {
    const std::vector<std::vector<double>> before = rows;
    for (int t = 0; t < count; ++t) {
      for (std::size_t f = o * features; f < (o + 1) * features; ++f) {
        double above = 0, below = 0;
        for (int k = 1; k <= width; ++k) {
          above += k * (before[static_cast<std::size_t>(std::min(t + k, count - 1))][f] -
                        before[static_cast<std::size_t>(std::max(t - k, 0))][f]);
          below += 2.0 * k * k;
        }
        rows[static_cast<std::size_t>(t)].push_back(above / below);
      }
    }
  }
}

void expect_near(const Tensor<float>& frames, const std::vector<std::vector<double>>& rows,
                 double tolerance) {
  ASSERT_EQ(frames.shape()[0], rows.size());
  ASSERT_EQ(frames.shape()[1], rows.front().size());
  for (std::size_t t = 0; t < rows.size(); ++t)
    for (std::size_t f = 0; f < rows[t].size(); ++f)
      ASSERT_NEAR(frames[t * rows[t].size() + f], rows[t][f], tolerance) << t << ", " << f;
}

TEST(Spectrum, LogMelIsTheFormula) {
  const SpectrumOptions options;
  const std::vector<float> samples = sound(1600);
  expect_near(spectrum(samples, options), slow_rows(samples, options, 400, 160, 512), 3e-5);
}

TEST(Spectrum, MfccWithDeltasIsTheFormula) {
  SpectrumOptions options;
  options.kind = SpectrumKind::mfcc;
  options.rate = 8000;
  options.window_ms = 30;
  options.hop_ms = 12.5;
  options.mels = 24;
  options.coefficients = 12;
  options.low_hz = 100;
  options.high_hz = 3800;
  options.pre_emphasis = 0.9;
  const std::vector<float> samples = sound(1500);
  for (const std::size_t order : {0, 1, 2}) {
    for (const std::size_t width : {1, 2, 9, 30}) {
      options.deltas = order;
      options.delta_width = width;
      std::vector<std::vector<double>> rows = slow_rows(samples, options, 240, 100, 256);
      append_deltas(rows, 12, order, static_cast<int>(width));
      expect_near(spectrum(samples, options), rows, 3e-5);
    }
  }
}

TEST(Spectrum, ASinePeaksInTheBandOfItsFrequency) {
  SpectrumOptions options;
  const double top = 2595 * std::log10(1 + 8000 / 700.0), low = 2595 * std::log10(1 + 20 / 700.0);
  for (const std::size_t band : {3, 10, 20, 30, 39}) {
    const double centre = low + (top - low) * static_cast<double>(band + 1) / 41;
    const double hz = 700 * (std::pow(10, centre / 2595) - 1);
    const Tensor<float> frames = spectrum(sine(hz, 16000, 4000), options);
    for (std::size_t t = 0; t < frames.shape()[0]; ++t) {
      const float* const row = frames.data() + t * 40;
      EXPECT_EQ(static_cast<std::size_t>(std::max_element(row, row + 40) - row), band) << hz << " Hz";
    }
  }
}

TEST(Spectrum, PiecesDoNotShow) {
  SpectrumOptions options;
  options.kind = SpectrumKind::mfcc;
  options.deltas = 2;
  const std::vector<float> samples = sound(9000);
  SpectrumStream stream(options);  // serves all, one after the other
  for (const std::size_t length : {0, 1, 399, 400, 559, 560, 720, 1040, 9000}) {
    const std::span<const float> part = std::span(samples).first(length);
    const Tensor<float> whole = spectrum(part, options);
    EXPECT_EQ(whole.shape()[0], spectrum_frames(length, options));
    EXPECT_EQ(whole.shape()[1], 39U);
    for (const std::size_t block : {1, 159, 160, 401, 5000}) {
      std::vector<float> rows;
      for (std::size_t at = 0; at < length; at += block)
        stream.push(part.subspan(at, std::min(block, length - at)), rows);
      stream.finish(rows);
      const auto bits = [](float value) { return std::bit_cast<std::uint32_t>(value); };
      EXPECT_TRUE(std::ranges::equal(rows, whole.span(), {}, bits, bits)) << length << " by " << block;
    }
  }
}

TEST(Spectrum, RowsComeAsSoonAsTheyAreKnown) {
  SpectrumOptions options;
  const std::vector<float> samples = sound(400 + 160 * 10);
  for (const std::size_t order : {0, 1, 2}) {
    options.deltas = order;
    SpectrumStream stream(options);
    std::vector<float> rows;
    stream.push(std::span(samples).first(samples.size() - 1), rows);
    EXPECT_EQ(rows.size() / spectrum_features(options), 10 - 2 * order);
    stream.push(std::span(samples).last(1), rows);
    EXPECT_EQ(rows.size() / spectrum_features(options), 11 - 2 * order);
  }
}

TEST(Spectrum, SilenceIsTheFloor) {
  const Tensor<float> frames = spectrum(std::vector<float>(500), {});
  ASSERT_EQ(frames.size(), 40U);
  for (const float value : frames.span()) EXPECT_EQ(value, static_cast<float>(std::log(1e-10)));
}

TEST(Spectrum, OptionsOutOfReachAreNamed) {
  const auto refusal = [](const std::function<void(SpectrumOptions&)>& change) {
    SpectrumOptions options;
    options.kind = SpectrumKind::mfcc;
    options.deltas = 1;
    change(options);
    try {
      SpectrumStream stream(options);
    } catch (const SettingError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const double nan = std::nan("");
  EXPECT_EQ(refusal([](auto&) {}), "");
  EXPECT_THAT(refusal([](auto& o) { o.rate = 0; }), HasSubstr("rate: found 0, expected 1 to 384000"));
  EXPECT_THAT(refusal([](auto& o) { o.window_ms = 1001; }), HasSubstr("window: found 1001"));
  EXPECT_THAT(refusal([&](auto& o) { o.window_ms = nan; }), HasSubstr("window: found nan"));
  EXPECT_THAT(refusal([](auto& o) { o.window_ms = o.hop_ms = 0.06; }),
              HasSubstr("rate: found 16000, expected at least 2 samples in a window of 0.06 ms, 25000 a"));
  EXPECT_THAT(refusal([](auto& o) { o.hop_ms = 26; }), HasSubstr("hop: found 26"));
  EXPECT_THAT(refusal([](auto& o) { o.hop_ms = 0.01; }),
              HasSubstr("hop: found 0.01, expected at least 1 sample"));
  EXPECT_THAT(refusal([](auto& o) { o.high_hz = 8001; }),
              HasSubstr("high_hz: found 8001, expected at most 8000"));
  EXPECT_THAT(refusal([&](auto& o) { o.high_hz = nan; }), HasSubstr("high_hz: found nan"));
  EXPECT_THAT(refusal([](auto& o) { o.low_hz = 8000; }),
              HasSubstr("low_hz: found 8000, expected 0 to below 8000"));
  EXPECT_THAT(refusal([](auto& o) { o.pre_emphasis = 1; }), HasSubstr("pre_emphasis: found 1"));
  EXPECT_THAT(refusal([](auto& o) { o.mels = 0; }), HasSubstr("mels: found 0, expected 1 to 1024"));
  EXPECT_THAT(refusal([](auto& o) { o.mels = 200; }),
              HasSubstr("mels: found 200, but band 3 would be too narrow"));
  EXPECT_THAT(refusal([](auto& o) { o.coefficients = 41; }),
              HasSubstr("coefficients: found 41, expected 1 to 40"));
  EXPECT_THAT(refusal([](auto& o) { o.deltas = 3; }), HasSubstr("deltas: found 3, expected 0, 1 or 2"));
  EXPECT_THAT(refusal([](auto& o) { o.delta_width = 0; }),
              HasSubstr("delta_width: found 0, expected 1 to 100"));
}

}  // namespace
}  // namespace carousel
