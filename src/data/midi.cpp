#include "data/midi.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <tuple>

#include "base/file.h"

namespace carousel {
namespace {

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 30;
constexpr unsigned kNoteOff = 0x80, kNoteOn = 0x90, kProgram = 0xC0, kChannelPressure = 0xD0, kSystem = 0xF0,
                   kSystemContinued = 0xF7, kMeta = 0xFF;
constexpr unsigned kEndOfTrack = 0x2F;
constexpr std::size_t kPitches = 128, kChannels = 16;

/// The bytes one after the other; what is not there is refused by its place in the file.
class Reader {
 public:
  Reader(std::string_view bytes, const std::string& source, std::size_t begin = 0)
      : bytes_(bytes), source_(source), begin_(begin) {}

  [[noreturn]] void fail(const std::string& what) const {
    throw DataError(fmt::format("{}: byte {}: {}", source_, begin_ + at_, what));
  }
  bool at_end() const { return at_ == bytes_.size(); }
  unsigned peek() const {
    if (at_end()) fail("the data ends within an event; the file may be cut off");
    return static_cast<unsigned char>(bytes_[at_]);
  }
  unsigned byte() {
    const unsigned value = peek();
    ++at_;
    return value;
  }
  /// A byte of which the highest bit is free.
  unsigned data_byte() {
    if (peek() >= 0x80) fail(fmt::format("found {:#04x}, expected a byte below 0x80", peek()));
    return byte();
  }
  /// Big-endian.
  std::size_t number(std::size_t size) {
    std::size_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | byte();
    return value;
  }
  /// Seven bits a byte, the highest ones first; the last byte is below 0x80. Four bytes at most.
  std::size_t variable_number() {
    std::size_t value = 0;
    for (int i = 0; i < 4; ++i) {
      const unsigned next = byte();
      value = value << 7 | (next & 0x7F);
      if (next < 0x80) return value;
    }
    fail("found a number of more than four bytes");
  }
  std::string_view take(std::size_t size) {
    if (size > bytes_.size() - at_) {
      fail(fmt::format("found a length of {} bytes, but {} follow; the file may be cut off", size,
                       bytes_.size() - at_));
    }
    const std::string_view part = bytes_.substr(at_, size);
    at_ += size;
    return part;
  }
  /// The next `size` bytes as a reader of their own.
  Reader part(std::size_t size) {
    const std::size_t begin = begin_ + at_;
    return {take(size), source_, begin};
  }

 private:
  std::string_view bytes_;
  const std::string& source_;
  std::size_t begin_, at_ = 0;
};

/// The notes of one track.
class Track {
 public:
  Track(Reader reader, double ticks_per_beat, std::vector<Note>& notes)
      : reader_(reader), ticks_per_beat_(ticks_per_beat), notes_(notes) {}

  void read() {
    while (!ended_ && !reader_.at_end()) {
      now_ += reader_.variable_number();
      event();
    }
    for (std::size_t channel = 0; channel < kChannels; ++channel) {
      for (std::size_t pitch = 0; pitch < kPitches; ++pitch) end(channel, pitch);
    }
  }

 private:
  struct Sounding {
    std::size_t note, since;
  };

  void event() {
    // A byte below 0x80 is the first one after the status of the event before.
    if (reader_.peek() >= 0x80) {
      const unsigned status = reader_.peek();
      if (status > kSystem && status != kSystemContinued && status != kMeta) {
        reader_.fail(fmt::format("found the status {:#04x}, which belongs to no event of a file", status));
      }
      reader_.byte();
      if (status >= kSystem) return beside_notes(status);
      status_ = status;
    } else if (status_ == 0) {
      reader_.fail(fmt::format("found {:#04x}, expected the status of an event", reader_.peek()));
    }
    const unsigned kind = status_ & 0xF0, first = reader_.data_byte();
    const unsigned second = kind == kProgram || kind == kChannelPressure ? 0 : reader_.data_byte();
    if (kind != kNoteOn && kind != kNoteOff) return;
    const std::size_t channel = status_ & 0x0F;
    end(channel, first);
    if (kind == kNoteOn && second > 0) begin(channel, first, second);
  }

  void beside_notes(unsigned status) {
    const unsigned type = status == kMeta ? reader_.data_byte() : 0;
    reader_.take(reader_.variable_number());
    ended_ = status == kMeta && type == kEndOfTrack;
  }

  void begin(std::size_t channel, unsigned pitch, unsigned velocity) {
    sounding_[channel][pitch] = Sounding{notes_.size(), now_};
    notes_.push_back({static_cast<double>(now_) / ticks_per_beat_, 0, static_cast<std::uint8_t>(pitch),
                      static_cast<std::uint8_t>(velocity), static_cast<std::uint8_t>(channel)});
  }

  void end(std::size_t channel, std::size_t pitch) {
    std::optional<Sounding>& sounding = sounding_[channel][pitch];
    if (!sounding) return;
    notes_[sounding->note].length = static_cast<double>(now_ - sounding->since) / ticks_per_beat_;
    sounding.reset();
  }

  Reader reader_;
  double ticks_per_beat_;
  std::vector<Note>& notes_;
  /// In ticks; below 2^28 times the number of events.
  std::size_t now_ = 0;
  unsigned status_ = 0;
  bool ended_ = false;
  std::array<std::array<std::optional<Sounding>, kPitches>, kChannels> sounding_{};
};

struct Header {
  std::size_t tracks, ticks_per_beat;
};

Header read_header(Reader& reader) {
  Reader chunk = reader.part(reader.number(4));
  const std::size_t format = chunk.number(2), tracks = chunk.number(2), division = chunk.number(2);
  if (format > 1) {
    chunk.fail(fmt::format("found format {}, expected 0 or 1, whose tracks sound together", format));
  }
  if (division >= 0x8000) chunk.fail("found times in frames a second, expected ticks a beat");
  if (division == 0) chunk.fail("found 0 ticks a beat, expected 1 or more");
  return {tracks, division};
}

}  // namespace

std::vector<Note> parse_midi(std::string_view bytes, const std::string& source) {
  Reader reader(bytes, source);
  if (!bytes.starts_with("MThd")) reader.fail("expected a MIDI file, which begins with MThd");
  reader.take(4);
  const Header header = read_header(reader);
  std::vector<Note> notes;
  for (std::size_t found = 0; found < header.tracks;) {
    if (reader.at_end()) {
      reader.fail(
          fmt::format("the file ends after {} of {} tracks; it may be cut off", found, header.tracks));
    }
    const std::string_view name = reader.take(4);
    Reader chunk = reader.part(reader.number(4));
    // Chunks of other names may stand between tracks.
    if (name != "MTrk") continue;
    Track(chunk, static_cast<double>(header.ticks_per_beat), notes).read();
    ++found;
  }
  std::ranges::stable_sort(notes, {}, [](const Note& note) { return std::tuple(note.start, note.pitch); });
  return notes;
}

std::vector<Note> read_midi(const std::filesystem::path& path) {
  return parse_midi(read_file(path, kMaxFileBytes), path.string());
}

}  // namespace carousel
