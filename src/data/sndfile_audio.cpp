// audio.h on libsndfile.

#include <fmt/format.h>
#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <utility>
#include <vector>

#include "base/counted.h"
#include "carousel/error.h"
#include "data/audio.h"
#include "data/audio_container.h"
#include "data/resampler.h"
#include "data/seekable_bytes.h"

namespace carousel {
namespace {

/// Frames (samples of all channels of one time) of a block, and outputs that it may become.
constexpr std::uint64_t kBlockFrames = 4096, kBlockOutputs = 65536;

/// What libsndfile reads through. Its functions are called from C and throw nothing.
struct Stream {
  SeekableBytes bytes;
  sf_count_t at = 0;

  static Stream& of(void* user) noexcept { return *static_cast<Stream*>(user); }
  static sf_count_t size(void* user) { return static_cast<sf_count_t>(of(user).bytes.size()); }
  static sf_count_t tell(void* user) { return of(user).at; }
  static sf_count_t seek(sf_count_t offset, int whence, void* user) {
    Stream& stream = of(user);
    const sf_count_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? stream.at : size(user);
    if (offset < -from || offset > std::numeric_limits<sf_count_t>::max() - from) return -1;
    return stream.at = from + offset;
  }
  static sf_count_t read(void* out, sf_count_t count, void* user) {
    Stream& stream = of(user);
    if (count <= 0) return 0;
    const std::size_t got = stream.bytes.read(static_cast<std::uint64_t>(stream.at), static_cast<char*>(out),
                                              static_cast<std::size_t>(count));
    stream.at += static_cast<sf_count_t>(got);
    return static_cast<sf_count_t>(got);
  }
  static sf_count_t write(const void* /*data*/, sf_count_t /*count*/, void* /*user*/) { return 0; }
};

struct Close {
  void operator()(SNDFILE* file) const noexcept { sf_close(file); }
};

bool decodes(int format) {
  switch (format & SF_FORMAT_SUBMASK) {
    case SF_FORMAT_PCM_S8:
    case SF_FORMAT_PCM_U8:
    case SF_FORMAT_PCM_16:
    case SF_FORMAT_PCM_24:
    case SF_FORMAT_PCM_32:
    case SF_FORMAT_FLOAT:
    case SF_FORMAT_DOUBLE:
    case SF_FORMAT_ULAW:
    case SF_FORMAT_ALAW:
    case SF_FORMAT_VORBIS:
    case SF_FORMAT_OPUS:
      return true;
    default:
      return false;
  }
}

std::string encoding(int format) {
  SF_FORMAT_INFO info{format & SF_FORMAT_SUBMASK, nullptr, nullptr};
  const bool known =
      sf_command(nullptr, SFC_GET_FORMAT_INFO, &info, sizeof info) == 0 && info.name != nullptr;
  return known ? std::string(info.name) : fmt::format("encoding {:#x}", format & SF_FORMAT_SUBMASK);
}

void check_rate(std::uint32_t rate) {
  if (rate > AudioReader::kHighestRate) {
    throw SettingError(
        fmt::format("rate: found {}, expected at most {} samples a second (0: as the file has them)", rate,
                    AudioReader::kHighestRate));
  }
}

class SndfileReader final : public AudioReader {
 public:
  template <class Bytes>
  SndfileReader(const Bytes& bytes, std::string source, const AudioOptions& options)
      : source_(std::move(source)), options_(options), stream_{SeekableBytes(bytes)} {
    check_rate(options.rate);
    check_audio_container(stream_.bytes, source_);
    SF_VIRTUAL_IO io{Stream::size, Stream::seek, Stream::read, Stream::write, Stream::tell};
    file_.reset(sf_open_virtual(&io, SFM_READ, &info_, &stream_));
    stream_.bytes.check();
    if (!file_) fail(fmt::format("cannot be decoded ({}); the file is damaged or no audio", decoder_error()));
    check_header();
    if (resamples()) resampler_.emplace(file_rate(), options_.rate);
    block_.resize(static_cast<std::size_t>(block_frames() * channels()));
    refill();
  }

  const std::string& source() const noexcept override { return source_; }
  std::uint32_t rate() const noexcept override { return options_.rate == 0 ? file_rate() : options_.rate; }

  std::optional<std::uint64_t> length() const noexcept override {
    if (!says_length()) return std::nullopt;
    const auto frames = static_cast<std::uint64_t>(info_.frames);
    return resampler_ ? resampler_->output_length(frames) : frames;
  }

  std::size_t read(std::span<float> out) override {
    std::size_t done = 0;
    while (done < out.size()) {
      if (given_ == ready_.size()) {
        if (ended_) break;
        refill();
        continue;
      }
      const std::size_t count = std::min(out.size() - done, ready_.size() - given_);
      std::copy_n(ready_.data() + given_, count, out.data() + done);
      given_ += count;
      done += count;
    }
    return done;
  }

 private:
  std::uint64_t channels() const noexcept { return static_cast<std::uint64_t>(info_.channels); }
  std::uint32_t file_rate() const noexcept { return static_cast<std::uint32_t>(info_.samplerate); }
  bool resamples() const noexcept { return options_.rate != 0 && options_.rate != file_rate(); }
  /// Of some FLAC streams the header does not say how many frames follow.
  bool says_length() const noexcept { return info_.frames != std::numeric_limits<sf_count_t>::max(); }
  std::string decoder_error() const { return sf_strerror(file_.get()); }
  [[noreturn]] void fail(const std::string& what) const {
    throw DataError(fmt::format("{}: {}", source_, what));
  }

  std::uint64_t block_frames() const noexcept {
    return std::clamp<std::uint64_t>(kBlockOutputs * file_rate() / rate(), 1, kBlockFrames);
  }

  void check_header() const {
    if (info_.channels < 1 || channels() > kMostChannels) {
      fail(fmt::format("found {} channels, expected 1 to {}", info_.channels, kMostChannels));
    }
    if (info_.samplerate < 1 || file_rate() > kHighestRate) {
      fail(fmt::format("found {} samples a second, expected 1 to {}", info_.samplerate, kHighestRate));
    }
    if (!decodes(info_.format)) {
      fail(fmt::format(
          "found samples encoded as {}, expected PCM, floats, A-law, mu-law, FLAC, Vorbis or Opus; "
          "convert the file",
          encoding(info_.format)));
    }
    if (info_.frames == 0) fail("found 0 samples, expected at least 1");
    if (options_.channel && *options_.channel >= channels()) {
      fail(fmt::format("found {}, expected channel {} as well; --channel counts from 0",
                       counted(channels(), "channel", "channels"), *options_.channel));
    }
    if (resamples() && !Resampler::within_reach(file_rate(), options_.rate)) {
      throw SettingError(
          fmt::format("rate: found {}, but {} has {} samples a second; expected at most {} times as "
                      "many or few",
                      options_.rate, source_, file_rate(), Resampler::kLargestFactor));
    }
  }

  [[noreturn]] void refuse_sample(std::uint64_t frame, std::size_t channel, float value) const {
    fail(
        fmt::format("sample {} ({:.4f} s) of channel {}: found {}, expected a finite number, at full scale 1",
                    frame, static_cast<double>(frame) / file_rate(), channel, value));
  }

  void mix(std::size_t frames) {
    const auto count = static_cast<std::size_t>(channels());
    mono_.resize(frames);
    for (std::size_t i = 0; i < frames; ++i) {
      const float* const frame = block_.data() + i * count;
      double sum = 0;
      for (std::size_t c = 0; c < count; ++c) {
        if (!(std::abs(frame[c]) <= kLargestSample)) refuse_sample(frames_ + i, c, frame[c]);
        sum += frame[c];
      }
      mono_[i] =
          options_.channel ? frame[*options_.channel] : static_cast<float>(sum / static_cast<double>(count));
    }
  }

  void check_end() const {
    stream_.bytes.check();
    const bool broken = sf_error(file_.get()) != SF_ERR_NO_ERROR;
    if (broken || (says_length() && frames_ != static_cast<std::uint64_t>(info_.frames))) {
      const std::string said = says_length() ? fmt::format(" of {}", info_.frames) : std::string();
      fail(fmt::format("found {}{} samples{}; the file is truncated or damaged, copy it anew", frames_, said,
                       broken ? fmt::format(" ({})", decoder_error()) : std::string()));
    }
    if (frames_ == 0) fail("found 0 samples, expected at least 1");
  }

  /// The next block into ready_; at the end what the resampler still holds.
  void refill() {
    ready_.clear();
    given_ = 0;
    const auto wanted = static_cast<sf_count_t>(block_frames());
    const auto got = static_cast<std::size_t>(
        std::clamp<sf_count_t>(sf_readf_float(file_.get(), block_.data(), wanted), 0, wanted));
    mix(got);
    frames_ += got;
    ended_ = got == 0;
    if (ended_ || sf_error(file_.get()) != SF_ERR_NO_ERROR) check_end();
    if (!resampler_) {
      std::swap(ready_, mono_);
    } else if (ended_) {
      resampler_->finish(ready_);
    } else {
      resampler_->push(mono_, ready_);
    }
  }

  std::string source_;
  AudioOptions options_;
  Stream stream_;
  SF_INFO info_{};
  std::unique_ptr<SNDFILE, Close> file_;
  std::optional<Resampler> resampler_;
  /// Interleaved as they come; one channel of them; what is to be given, and how much of that was.
  std::vector<float> block_, mono_, ready_;
  std::size_t given_ = 0;
  /// Decoded so far.
  std::uint64_t frames_ = 0;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<AudioReader> open_audio(const std::string& path, const AudioOptions& options) {
  return std::make_unique<SndfileReader>(path, path, options);
}

std::unique_ptr<AudioReader> open_audio(std::string_view bytes, std::string source,
                                        const AudioOptions& options) {
  return std::make_unique<SndfileReader>(bytes, std::move(source), options);
}

}  // namespace carousel
