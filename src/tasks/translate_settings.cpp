#include "tasks/translate_settings.h"

#include <algorithm>
#include <array>

#include "layers/attention.h"
#include "model/spec.h"
#include "tasks/setting_checks.h"
#include "tasks/text_vocabulary.h"

namespace carousel {
namespace {

constexpr std::array<std::string_view, 4> kUnits = {"character", "word", "token", "piece"};
constexpr std::array<std::string_view, 2> kOrders = {"hash", "file"};

void check_path(std::string_view option, const std::string& path, const char* expected) {
  if (path.empty()) throw SettingError(fmt::format("{}: found nothing, expected {}", option, expected));
  check_text(option, path);
}

void check_parts(const TranslateSettings& s) {
  check_spec("encoder", s.encoder);
  check_spec("decoder", s.decoder);
  const bool described = s.hidden != TranslateSettings{}.hidden || s.dropout != TranslateSettings{}.dropout;
  if (described && s.encoder && s.decoder)
    throw SettingError(
        "hidden: encoder and decoder say all of the layers; write hidden and dropout into them, or leave one "
        "of them out");
}

}  // namespace

std::string_view name(LineUnit unit) noexcept { return kUnits[static_cast<std::size_t>(unit)]; }
std::string_view name(SplitOrder order) noexcept { return kOrders[static_cast<std::size_t>(order)]; }
LineUnit parse_line_unit(std::string_view name) { return parse_name<LineUnit>("unit", kUnits, name); }
SplitOrder parse_split_order(std::string_view name) {
  return parse_name<SplitOrder>("split_order", kOrders, name);
}

void check_settings(const TranslateSettings& s) {
  check_path("data", s.data, "the path of a file of pairs");
  if (s.target_file) check_path("target_file", *s.target_file, "the path of a file of lines");
  check_vocabulary_size(s.source_unit == LineUnit::piece || s.target_unit == LineUnit::piece, s.vocabulary);
  check_count("beam", s.beam, 1, TranslateSettings::kWidestBeam);
  check_count("longest", s.longest, 0, kMostSteps);
  check_parts(s);
  if (const auto& names = attention_score_names(); std::ranges::find(names, s.attention) == names.end())
    throw SettingError(
        fmt::format("attention: there is no '{}'; {}", shown(s.attention), suggestion(s.attention, names)));
  check_count("attention_width", s.attention_width, 0, kMostSteps);
  if (s.attention_width > 0 && s.attention != TranslateSettings{}.attention)
    throw SettingError(fmt::format(
        "attention_width: {} has no width of its own; use attention additive, or leave it out", s.attention));
  if (const std::vector<std::string> bridges = {"tanh", "none"};
      std::ranges::find(bridges, s.bridge) == bridges.end())
    throw SettingError(
        fmt::format("bridge: there is no '{}'; {}", shown(s.bridge), suggestion(s.bridge, bridges)));
  check_number("sampling", s.sampling, 0, 1);
  check_count("embedding", s.embedding, 1, kMostSteps);
  check_count("hidden", s.hidden, 1, kMostSteps);
  check_number("dropout", s.dropout, 0, 0.99);
  check_settings(s.training);
  if (s.training.updates_per_epoch != 0)
    throw SettingError("updates_per_epoch: an epoch has every pair once; leave it out");
  if (s.training.method.name != Method::bptt)
    throw SettingError(
        fmt::format("method: {} learns a network alone, and this is an encoder with a decoder; leave it out",
                    name(s.training.method.name)));
  if (s.training.recompute)
    throw SettingError("recompute: a decoder looks at the whole source at every step; leave it out");
}

}  // namespace carousel
