#include "tasks/sequence_settings.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "data/text.h"
#include "model/spec.h"
#include "tasks/setting_checks.h"

namespace carousel {

namespace {

constexpr std::size_t kMostMarkovStates = 1000;
constexpr std::array<std::string_view, 2> kMethods = {"ctc", "transducer"};
constexpr std::array<std::string_view, 2> kClassWeights = {"none", "balanced"};
constexpr std::array<std::string_view, 2> kUnits = {"character", "word"};

std::size_t join_count(std::string_view text, std::string_view whole) {
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count < 1 || count > 10'000)
    throw SettingError(fmt::format(
        "join: found '{}', expected numbers of examples from 1 to 10000 such as 3-7", shown(whole)));
  return count;
}

}  // namespace

std::string_view name(TranscribeMethod method) noexcept { return kMethods[static_cast<std::size_t>(method)]; }
TranscribeMethod parse_transcribe_method(std::string_view name) {
  return parse_name<TranscribeMethod>("method", kMethods, name);
}
std::string_view name(ClassWeights weights) noexcept {
  return kClassWeights[static_cast<std::size_t>(weights)];
}
ClassWeights parse_class_weights(std::string_view name) {
  return parse_name<ClassWeights>("class_weights", kClassWeights, name);
}
std::string_view name(SymbolUnit unit) noexcept { return kUnits[static_cast<std::size_t>(unit)]; }
SymbolUnit parse_symbol_unit(std::string_view name) { return parse_name<SymbolUnit>("unit", kUnits, name); }

std::vector<std::string> symbols_of(std::string_view text, SymbolUnit unit) {
  std::vector<std::string> symbols;
  if (unit == SymbolUnit::character) {
    for (const std::string_view piece : pieces(text, TextUnit::character)) symbols.emplace_back(piece);
    return symbols;
  }
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find_first_of(" \t", begin), text.size());
    if (end > begin) symbols.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return symbols;
}

std::string text_of(std::span<const std::string> symbols, SymbolUnit unit) {
  return fmt::format("{}", fmt::join(symbols, unit == SymbolUnit::word ? " " : ""));
}

JoinRange parse_join(std::string_view text) {
  const std::size_t dash = std::min(text.find('-'), text.size());
  const std::size_t least = join_count(text.substr(0, dash), text),
                    most = dash == text.size() ? least : join_count(text.substr(dash + 1), text);
  if (least > most)
    throw SettingError(fmt::format("join: found '{}', expected the smaller number first", shown(text)));
  return {least, most};
}

std::string to_string(const JoinRange& range) { return fmt::format("{}-{}", range.least, range.most); }

std::string_view SequenceSettings::task() const noexcept {
  if (job == SequenceJob::label) return LabelSettings::kTask;
  return job == SequenceJob::transcribe ? TranscribeSettings::kTask : ClassifySettings::kTask;
}

void check_different(const std::vector<std::string>& keywords) {
  for (auto one = keywords.begin(); one != keywords.end(); ++one)
    if (std::find(keywords.begin(), one, *one) != one)
      throw SettingError(fmt::format("keywords: '{}' is there twice; name each once", shown(*one)));
}

void check_settings(const SequenceSettings& s) {
  const SequenceSettings standard;
  if (s.data.empty()) throw SettingError("data: found nothing, expected a file or folder of examples");
  check_text("data", s.data);
  for (const auto& [name, text] :
       {std::pair("test", s.test), {"target", s.target}, {"id", s.id}, {"pretrained", s.pretrained}})
    if (text) check_text(name, *text);
  check_count("width", s.width, 1, kMostSteps);
  SpectrumStream{s.audio};  // refuses what cannot be made
  check_number("steps_per_beat", s.steps_per_beat, 1.0 / 64, 1024);
  check_number("noise", s.noise, 0, 100);
  check_count("time_mask", s.time_mask, 0, kMostSteps);
  check_count("frequency_mask", s.frequency_mask, 0, kMostSteps);
  check_number("label_smoothing", s.label_smoothing, 0, 0.99);
  check_count("hidden_markov", s.hidden_markov, 0, kMostMarkovStates);
  if (s.method == TranscribeMethod::transducer && !s.keywords.empty())
    throw SettingError("keywords: a transducer does not say of each step what it hears; set method to ctc");
  check_different(s.keywords);
  for (const std::string& keyword : s.keywords)
    if (symbols_of(keyword, s.unit).empty())
      throw SettingError("keywords: found an empty one, expected a text such as seven");
  check_spec("prediction", s.prediction);
  if (s.prediction && s.method != TranscribeMethod::transducer)
    throw SettingError(
        "prediction: only a transducer has a network that reads what has been written; set method to "
        "transducer or leave it out");
  check_layers(s.layers,
               s.hidden != standard.hidden || s.depth != standard.depth || s.dropout != standard.dropout);
  check_count("embedding", s.embedding, 1, kMostSteps);
  check_count("hidden", s.hidden, 1, kMostSteps);
  check_count("depth", s.depth, 1, 1000);
  check_number("dropout", s.dropout, 0, 0.99);
  check_settings(s.training);
}

}  // namespace carousel
