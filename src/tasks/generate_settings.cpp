#include "tasks/generate_settings.h"

#include <array>

#include "base/counted.h"
#include "data/music.h"
#include "model/spec.h"
#include "tasks/setting_checks.h"
#include "tasks/text_vocabulary.h"

namespace carousel {
namespace {

constexpr std::array<std::string_view, 4> kUnits = {"character", "word", "piece", "note"};
constexpr std::array<std::string_view, 2> kInvalid = {"error", "replace"};
constexpr std::array<std::string_view, 2> kKeys = {"piano", "all"};
/// What is not said; batch 0: by the length of the data.
struct Standards {
  std::size_t chunk, epochs, batch;
  double dropout;
};
constexpr Standards kText{100, 20, 0, 0}, kMusic{1000, 100, 8, 0.5};

/// Throws SettingError for a setting of the other unit that was given.
void leave_alone(std::string_view option, bool given, const GenerateSettings& s) {
  if (given)
    throw SettingError(fmt::format(
        "{}: {} (unit {}); leave it out", option,
        s.music() ? "this is of texts, the data are music" : "this is of music, the data are a text",
        name(*s.unit)));
}

void check_unit(const GenerateSettings& s) {
  const GenerateSettings standard;
  const bool music = s.music();
  leave_alone("vocabulary", music && s.vocabulary != standard.vocabulary, s);
  leave_alone("invalid", music && s.invalid != standard.invalid, s);
  leave_alone("embedding", music && s.embedding != standard.embedding, s);
  leave_alone("skip_bad", !music && s.skip_bad, s);
  leave_alone("keys", !music && s.keys != standard.keys, s);
  leave_alone("steps_per_beat", !music && s.steps_per_beat.has_value(), s);
  leave_alone("transpose", !music && s.transpose != standard.transpose, s);
}

}  // namespace

std::string_view name(GenerateUnit unit) noexcept { return kUnits[static_cast<std::size_t>(unit)]; }
std::string counted(std::size_t count, GenerateUnit unit) {
  const std::string one(name(unit)), more = one + 's';
  return counted(count, one.c_str(), more.c_str());
}
std::string_view name(InvalidText policy) noexcept { return kInvalid[static_cast<std::size_t>(policy)]; }
std::string_view name(PianoKeys keys) noexcept { return kKeys[static_cast<std::size_t>(keys)]; }
GenerateUnit parse_generate_unit(std::string_view name) {
  return parse_name<GenerateUnit>("unit", kUnits, name);
}
InvalidText parse_invalid_text(std::string_view name) {
  return parse_name<InvalidText>("invalid", kInvalid, name);
}
PianoKeys parse_piano_keys(std::string_view name) { return parse_name<PianoKeys>("keys", kKeys, name); }

SplitRule standard_split(GenerateUnit unit) {
  return unit == GenerateUnit::note ? SplitFractions{0.8, 0.1, 0.1} : SplitFractions{0.9, 0.05, 0.05};
}

void decide(GenerateSettings& s) {
  if (!s.unit) s.unit = is_music(s.data) ? GenerateUnit::note : GenerateUnit::character;
  check_unit(s);
  const Standards& standards = s.music() ? kMusic : kText;
  if (s.chunk == 0) s.chunk = standards.chunk;
  if (s.training.epochs == 0) s.training.epochs = standards.epochs;
  if (s.training.batch == 0) s.training.batch = standards.batch;
  if (s.music() && !s.steps_per_beat) s.steps_per_beat = is_in_beats(s.data) ? 4 : 1;
  if (!s.music() && !s.split) s.split = standard_split(*s.unit);
  if (s.layers) return;
  const double dropout = s.dropout.value_or(standards.dropout);
  s.layers = fmt::format("lstm {}", s.hidden);
  if (dropout > 0) *s.layers += fmt::format(", dropout {}", dropout);
  s.hidden = GenerateSettings{}.hidden;
  s.dropout.reset();
}

TextUnit text_unit(const GenerateSettings& settings) {
  switch (*settings.unit) {
    case GenerateUnit::character:
      return TextUnit::character;
    case GenerateUnit::word:
      return TextUnit::word;
    case GenerateUnit::piece:
      return TextUnit::piece;
    case GenerateUnit::note:
      break;
  }
  throw ModelError("unit: found note, expected character, word or piece: this model writes music");
}

void check_settings(const GenerateSettings& s) {
  if (s.data.empty())
    throw SettingError("data: found nothing, expected the path of a text file, or of music");
  check_text("data", s.data);
  check_vocabulary_size(s.unit == GenerateUnit::piece, s.vocabulary);
  check_count("chunk", s.chunk, 0, kMostSteps);
  if (s.steps_per_beat) check_number("steps_per_beat", *s.steps_per_beat, 1.0 / 64, 1024);
  check_count("transpose", s.transpose, 0, 127);
  check_layers(s.layers, s.hidden != GenerateSettings{}.hidden || s.dropout.has_value());
  check_count("embedding", s.embedding, 1, kMostSteps);
  check_count("hidden", s.hidden, 1, kMostSteps);
  if (s.dropout) check_number("dropout", *s.dropout, 0, 0.99);
  check_settings(s.training);
  if (s.training.updates_per_epoch != 0)
    throw SettingError(
        "updates_per_epoch: an epoch reads all of the data once, because states are carried on through it; "
        "leave it out");
}

}  // namespace carousel
