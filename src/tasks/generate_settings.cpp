#include "tasks/generate_settings.h"

#include <array>

#include "model/spec.h"
#include "tasks/setting_checks.h"
#include "tasks/text_vocabulary.h"

namespace carousel {
namespace {

constexpr std::array<std::string_view, 3> kUnits = {"character", "word", "piece"};
constexpr std::array<std::string_view, 2> kInvalid = {"error", "replace"};

}  // namespace

std::string_view name(TextUnit unit) noexcept { return kUnits[static_cast<std::size_t>(unit)]; }
std::string_view name(InvalidText policy) noexcept { return kInvalid[static_cast<std::size_t>(policy)]; }
TextUnit parse_text_unit(std::string_view name) { return parse_name<TextUnit>("unit", kUnits, name); }
InvalidText parse_invalid_text(std::string_view name) {
  return parse_name<InvalidText>("invalid", kInvalid, name);
}

void check_settings(const GenerateSettings& s) {
  if (s.data.empty()) throw SettingError("data: found nothing, expected the path of a text file");
  check_text("data", s.data);
  check_vocabulary_size(s.unit == TextUnit::piece, s.vocabulary);
  check_count("chunk", s.chunk, 1, kMostSteps);
  check_layers(s.layers, s.hidden != GenerateSettings{}.hidden || s.dropout != GenerateSettings{}.dropout);
  check_count("embedding", s.embedding, 1, kMostSteps);
  check_count("hidden", s.hidden, 1, kMostSteps);
  check_number("dropout", s.dropout, 0, 0.99);
  check_settings(s.training);
  if (s.training.updates_per_epoch != 0)
    throw SettingError(
        "updates_per_epoch: an epoch reads the whole text once, because states are carried on through it; "
        "leave it "
        "out");
}

}  // namespace carousel
