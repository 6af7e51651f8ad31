#include "model/spec.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/suggest.h"

namespace carousel {

namespace {

constexpr std::size_t kMaxLayers = 1000;
constexpr std::size_t kMaxQuoted = 40;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name(char c) { return is_name_start(c) || is_digit(c); }
bool is_value(char c) { return is_name(c) || c == '+' || c == '-' || c == '.' || c == ':' || c == '/'; }

std::string in_quotes(std::string_view text) {
  if (text.size() > kMaxQuoted) return fmt::format("\"{}...\"", text.substr(0, kMaxQuoted));
  return fmt::format("\"{}\"", text);
}

std::string in_quotes(char c) {
  if (c >= 0x20 && c < 0x7f) return fmt::format("'{}'", c);
  return fmt::format("byte 0x{:02x}", static_cast<unsigned char>(c));
}

bool is_valid_name(std::string_view text) {
  return !text.empty() && is_name_start(text[0]) && std::all_of(text.begin(), text.end(), is_name);
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::vector<LayerSpec> whole() {
    skip_space();
    if (at_end()) refuse_spec(at_, "is empty, expected layers such as \"lstm 64, dense 1\"");
    std::vector<LayerSpec> result = layers(0);
    if (!at_end()) refuse_spec(at_, "found ')' without a '(' before it");
    return result;
  }

 private:
  bool at_end() const { return at_ == text_.size(); }
  bool next_is(char c) const { return !at_end() && text_[at_] == c; }
  void skip_space() {
    while (!at_end() && is_space(text_[at_])) ++at_;
  }
  template <class Predicate>
  std::string_view take(Predicate belongs) {
    const std::size_t begin = at_;
    while (!at_end() && belongs(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  std::string found() const { return at_end() ? "the end" : in_quotes(text_[at_]); }

  // Ends at the end of the text or before a ')'.
  std::vector<LayerSpec> layers(std::size_t depth) {
    std::vector<LayerSpec> result;
    for (;;) {
      result.push_back(layer(depth));
      if (!next_is(',')) return result;
      ++at_;
    }
  }

  LayerSpec layer(std::size_t depth) {
    skip_space();
    LayerSpec result;
    result.position = at_;
    if (++count_ > kMaxLayers) refuse_spec(at_, fmt::format("more than {} layers", kMaxLayers));
    const std::string_view kind = take(is_value);
    if (kind.empty()) refuse_spec(at_, fmt::format("found {}, expected the name of a layer", found()));
    if (!is_valid_name(kind))
      refuse_spec(result.position, fmt::format("found {}, expected the name of a layer", in_quotes(kind)));
    result.kind = kind;
    skip_space();
    if (next_is('(')) result.layers = inner(depth + 1);
    for (skip_space(); !at_end() && !next_is(',') && !next_is(')'); skip_space()) value_or_option(result);
    return result;
  }

  std::vector<LayerSpec> inner(std::size_t depth) {
    const std::size_t open = at_++;
    if (depth > kMaxSpecDepth) refuse_spec(open, fmt::format("parentheses more than {} deep", kMaxSpecDepth));
    skip_space();
    if (next_is(')')) refuse_spec(at_, "found nothing in the parentheses, expected at least one layer");
    std::vector<LayerSpec> result = layers(depth);
    if (!next_is(')')) refuse_spec(open, "this '(' is never closed; add a ')'");
    ++at_;
    return result;
  }

  void value_or_option(LayerSpec& layer) {
    const std::size_t begin = at_;
    const std::string_view text = take(is_value);
    if (text.empty()) refuse_text(layer);
    skip_space();
    if (!next_is('=')) {
      layer.values.push_back({std::string(text), begin});
      return;
    }
    if (!is_valid_name(text))
      refuse_spec(begin, fmt::format("found {} before '=', expected the name of an option", in_quotes(text)));
    for (const SpecOption& other : layer.options)
      if (other.name == text)
        refuse_spec(begin, fmt::format("{}: option {} is given twice", layer.kind, in_quotes(text)));
    ++at_;
    skip_space();
    const std::string_view value = take(is_value);
    if (value.empty())
      refuse_spec(at_, fmt::format("found {}, expected the value of option {}", found(), in_quotes(text)));
    layer.options.push_back({std::string(text), {std::string(value), begin}});
  }

  [[noreturn]] void refuse_text(const LayerSpec& layer) const {
    if (next_is('('))
      refuse_spec(at_, fmt::format("found '(', expected it right after {}", in_quotes(layer.kind)));
    if (next_is('=')) refuse_spec(at_, "found '=' without the name of an option before it");
    refuse_spec(at_, fmt::format("found {}, expected a value, an option or ','", found()));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t count_ = 0;
};

void append_text(std::string& out, std::span<const LayerSpec> layers) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (i > 0) out += ", ";
    const LayerSpec& layer = layers[i];
    out += layer.kind;
    if (!layer.layers.empty()) {
      out += '(';
      append_text(out, layer.layers);
      out += ')';
    }
    for (const SpecValue& value : layer.values) out += ' ' + value.text;
    for (const SpecOption& option : layer.options) out += ' ' + option.name + '=' + option.value.text;
  }
}

std::string hint(std::string_view word, std::span<const std::string> known) {
  const std::string nearest = nearest_word(word, known);
  if (!nearest.empty()) return fmt::format("did you mean \"{}\"?", nearest);
  return fmt::format("expected one of {}", fmt::join(known, ", "));
}

}  // namespace

bool LayerSpec::operator==(const LayerSpec& other) const {
  return kind == other.kind && layers == other.layers && values == other.values && options == other.options;
}

std::vector<LayerSpec> parse_spec(std::string_view text) {
  const auto check_length = [](std::size_t length) {
    if (length > kMaxSpecBytes)
      refuse_spec(kMaxSpecBytes, fmt::format("is {} bytes long, expected at most {}", length, kMaxSpecBytes));
  };
  check_length(text.size());
  std::vector<LayerSpec> layers = Parser(text).whole();
  check_length(to_text(layers).size());  // a blank more after each comma; files hold this text
  return layers;
}

std::string to_text(std::span<const LayerSpec> layers) {
  std::string out;
  append_text(out, layers);
  return out;
}

std::string to_text(const LayerSpec& layer) { return to_text(std::span(&layer, 1)); }

void refuse_spec(std::size_t position, std::string_view message) {
  throw SettingError(fmt::format("spec, column {}: {}", position + 1, message));
}

void refuse_kind(const LayerSpec& layer, std::span<const std::string> known) {
  refuse_spec(layer.position,
              fmt::format("unknown layer {}; {}", in_quotes(layer.kind), hint(layer.kind, known)));
}

LayerReader::LayerReader(const LayerSpec& layer) : layer_(layer) {}

std::size_t LayerReader::integer(std::string_view name, std::size_t min, std::size_t max,
                                 std::optional<std::size_t> standard) {
  const SpecValue* value = find(name, true, !standard);
  return value ? as_integer(*value, name, min, max) : *standard;
}

double LayerReader::number(std::string_view name, double min, double max, std::optional<double> standard) {
  const SpecValue* value = find(name, true, !standard);
  return value ? as_number(*value, name, min, max) : *standard;
}

std::string LayerReader::word(std::string_view name, const std::vector<std::string>& allowed,
                              std::optional<std::string_view> standard) {
  const SpecValue* value = find(name, true, !standard);
  return value ? as_word(*value, name, allowed) : std::string(*standard);
}

std::size_t LayerReader::option_integer(std::string_view name, std::size_t min, std::size_t max,
                                        std::size_t standard) {
  const SpecValue* value = find(name, false, false);
  return value ? as_integer(*value, name, min, max) : standard;
}

double LayerReader::option_number(std::string_view name, double min, double max, double standard) {
  const SpecValue* value = find(name, false, false);
  return value ? as_number(*value, name, min, max) : standard;
}

double LayerReader::option_number_or_off(std::string_view name, double min, double max, double standard,
                                         double off) {
  const SpecValue* value = find(name, false, false);
  if (!value) return standard;
  return value->text == "off" ? off : as_number(*value, name, min, max, ", or off");
}

std::string LayerReader::option_word(std::string_view name, const std::vector<std::string>& allowed,
                                     std::string_view standard) {
  const SpecValue* value = find(name, false, false);
  return value ? as_word(*value, name, allowed) : std::string(standard);
}

std::vector<std::string> LayerReader::split(const SpecValue* value) {
  std::vector<std::string> parts;
  if (!value) return parts;
  for (std::size_t begin = 0, end; begin <= value->text.size(); begin = end + 1) {
    end = std::min(value->text.find(':', begin), value->text.size());
    parts.push_back(value->text.substr(begin, end - begin));
  }
  return parts;
}

bool LayerReader::option_flag(std::string_view name, bool standard) {
  return option_word(name, {"on", "off"}, standard ? "on" : "off") == "on";
}

bool LayerReader::has_option(std::string_view name) const { return option(name) != nullptr; }

const std::vector<LayerSpec>& LayerReader::layers(std::size_t max) {
  layers_read_ = true;
  if (layer_.layers.empty())
    refuse(fmt::format("expected layers in parentheses, such as \"{}(lstm 64)\"", layer_.kind));
  if (layer_.layers.size() > max)
    refuse_spec(layer_.layers[max].position,
                fmt::format("{}: found {} layers in the parentheses, expected at most {}", layer_.kind,
                            layer_.layers.size(), max));
  return layer_.layers;
}

void LayerReader::finish() const {
  if (!layers_read_ && !layer_.layers.empty())
    refuse_spec(layer_.layers[0].position, fmt::format("{} takes no layers in parentheses", layer_.kind));
  for (const SpecOption& given : layer_.options)
    if (std::none_of(asked_.begin(), asked_.end(), [&](const Asked& a) { return a.value == &given.value; }))
      refuse_option(given);
  if (next_value_ < layer_.values.size()) {
    const SpecValue& extra = layer_.values[next_value_];
    refuse_spec(extra.position, fmt::format("{}: found {}, expected no {}value here", layer_.kind,
                                            in_quotes(extra.text), next_value_ > 0 ? "further " : ""));
  }
}

void LayerReader::refuse(std::string_view message) const {
  refuse_spec(layer_.position, fmt::format("{}: {}", layer_.kind, message));
}

void LayerReader::refuse(std::string_view name, std::string_view message) const {
  const auto asked =
      std::find_if(asked_.begin(), asked_.end(), [&](const Asked& a) { return a.name == name; });
  const bool given = asked != asked_.end() && asked->value != nullptr;
  refuse_spec(given ? asked->value->position : layer_.position,
              fmt::format("{}: {}: {}", layer_.kind, name, message));
}

const SpecOption* LayerReader::option(std::string_view name) const {
  const auto found = std::find_if(layer_.options.begin(), layer_.options.end(),
                                  [&](const SpecOption& option) { return option.name == name; });
  return found == layer_.options.end() ? nullptr : &*found;
}

const SpecValue* LayerReader::find(std::string_view name, bool by_place, bool required) {
  const SpecValue* value = nullptr;
  if (const SpecOption* named = option(name))
    value = &named->value;
  else if (by_place && next_value_ < layer_.values.size())
    value = &layer_.values[next_value_++];
  if (!value && required) refuse_missing(name);
  asked_.push_back({std::string(name), value});
  return value;
}

void LayerReader::refuse_value(const SpecValue& value, std::string_view name,
                               std::string_view expected) const {
  refuse_spec(value.position,
              fmt::format("{}: {} is {}, expected {}", layer_.kind, name, in_quotes(value.text), expected));
}

void LayerReader::refuse_missing(std::string_view name) const {
  refuse(
      fmt::format("{} is missing; write \"{} ... {}=VALUE\" or give it by place", name, layer_.kind, name));
}

void LayerReader::refuse_option(const SpecOption& option) const {
  std::vector<std::string> names;
  for (const Asked& asked : asked_) names.push_back(asked.name);
  refuse_spec(option.value.position,
              fmt::format("{}: unknown option {}; {}", layer_.kind, in_quotes(option.name),
                          names.empty() ? "it has none" : hint(option.name, names)));
}

std::size_t LayerReader::as_integer(const SpecValue& value, std::string_view name, std::size_t min,
                                    std::size_t max) const {
  std::size_t result = 0;
  const char* end = value.text.data() + value.text.size();
  const auto [stop, error] = std::from_chars(value.text.data(), end, result);
  if (error != std::errc() || stop != end || result < min || result > max)
    refuse_value(value, name, fmt::format("a whole number from {} to {}", min, max));
  return result;
}

double LayerReader::as_number(const SpecValue& value, std::string_view name, double min, double max,
                              std::string_view otherwise) const {
  double result = 0;
  const char* end = value.text.data() + value.text.size();
  const auto [stop, error] = std::from_chars(value.text.data(), end, result);
  // Written so that NaN is refused too.
  if (error != std::errc() || stop != end || !(result >= min && result <= max) || !std::isfinite(result))
    refuse_value(value, name, fmt::format("a number from {} to {}{}", min, max, otherwise));
  return result;
}

std::string LayerReader::as_word(const SpecValue& value, std::string_view name,
                                 const std::vector<std::string>& allowed) const {
  if (std::find(allowed.begin(), allowed.end(), value.text) == allowed.end())
    refuse_value(value, name, fmt::format("one of {}", fmt::join(allowed, ", ")));
  return value.text;
}

}  // namespace carousel
