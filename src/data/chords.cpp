#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/file.h"
#include "data/cells.h"
#include "data/piano_roll.h"

namespace carousel {
namespace {

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 30;

/// Takes the parser's events one by one: no tree of hostile depth or size is ever built. The names and
/// signatures of the public functions are nlohmann::json's.
class ChordReader {
 public:
  ChordReader(std::vector<ChordPiece>& pieces, const std::string& source)
      : pieces_(pieces), source_(source) {}

  bool null() { refuse("null"); }
  bool boolean(bool value) { refuse(value ? "true" : "false"); }
  bool number_float(double, const std::string& text) { refuse(shown(text)); }
  bool string(std::string& text) { refuse(fmt::format("'{}'", shown(text))); }
  bool binary(std::vector<std::uint8_t>&) { refuse("binary"); }
  bool number_integer(std::int64_t value) {
    if (depth_ != kPitchDepth || value != -1) refuse(fmt::format("{}", value));
    return true;  // a rest
  }
  bool number_unsigned(std::uint64_t value) {
    if (depth_ != kPitchDepth || value > 127) refuse(fmt::format("{}", value));
    pieces_.back().steps.back().push_back(static_cast<std::uint8_t>(value));
    return true;
  }

  bool start_object(std::size_t) {
    if (depth_ != 0) refuse("an object");
    ++depth_;
    return true;
  }
  bool end_object() { return close(); }
  bool key(std::string& name) {
    split_ = std::move(name);
    return true;
  }
  bool start_array(std::size_t) {
    if (depth_ == 0 || depth_ == kPitchDepth) refuse("a list");
    ++depth_;
    if (depth_ == kStepDepth) pieces_.push_back({split_, {}});
    if (depth_ == kPitchDepth) pieces_.back().steps.emplace_back();
    return true;
  }
  bool end_array() {
    if (depth_ == kPitchDepth) {
      std::vector<std::uint8_t>& step = pieces_.back().steps.back();
      std::ranges::sort(step);
      step.erase(std::unique(step.begin(), step.end()), step.end());
    }
    return close();
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) {
    throw DataError(
        fmt::format("{}: byte {}: not valid JSON", source_, std::max<std::size_t>(position, 1) - 1));
  }

 private:
  /// Within the object and its list of pieces one list of steps, within that one of pitches.
  static constexpr int kStepDepth = 3, kPitchDepth = 4;

  bool close() {
    --depth_;
    return true;
  }
  [[noreturn]] void refuse(const std::string& found) const {
    std::string place = source_;
    if (depth_ >= 1) place += fmt::format(", '{}'", shown(split_));
    if (depth_ >= kStepDepth) place += fmt::format(", piece {}", pieces_.size());
    if (depth_ >= kPitchDepth) place += fmt::format(", step {}", pieces_.back().steps.size());
    static constexpr const char* kExpected[] = {"an object of parts such as \"train\"", "a list of pieces",
                                                "a list of steps", "a list of pitches",
                                                "a pitch from 0 to 127, or -1 for a rest"};
    throw DataError(fmt::format("{}: found {}, expected {}", place, found, kExpected[depth_]));
  }

  std::vector<ChordPiece>& pieces_;
  const std::string& source_;
  std::string split_;
  int depth_ = 0;
};

}  // namespace

std::vector<ChordPiece> parse_chords(std::string_view json, const std::string& source) {
  std::vector<ChordPiece> pieces;
  ChordReader reader(pieces, source);
  nlohmann::json::sax_parse(json.begin(), json.end(), &reader);
  return pieces;
}

std::vector<ChordPiece> read_chords(const std::filesystem::path& path) {
  return parse_chords(read_file(path, kMaxFileBytes), path.string());
}

}  // namespace carousel
