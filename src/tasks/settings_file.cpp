#include "tasks/settings_file.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <type_traits>

#include "base/file.h"
#include "base/suggest.h"
#include "data/cells.h"
#include "model/spec.h"
#include "tasks/settings_list.h"
#include "tasks/toml_text.h"

namespace carousel {
namespace {

std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04X}", byte);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

// ---- settings to text: one overload a kind of setting ----

std::string text_of(const std::string& value) { return toml_string(value); }
std::string text_of(double value) { return fmt::format("{}", value); }
template <class T>
requires std::is_integral_v<T> std::string text_of(T value) { return fmt::format("{}", value); }
template <class T>
requires std::is_enum_v<T> std::string text_of(T value) { return toml_string(name(value)); }
std::string text_of(const SplitRule& value) { return toml_string(to_string(value)); }
std::string text_of(const JoinRange& value) {
  return toml_string(value == JoinRange() ? "" : to_string(value));
}
template <class T>
std::string text_of(const std::vector<T>& values) {
  std::vector<std::string> texts;
  for (const T& value : values) texts.push_back(text_of(value));
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

struct Writer {
  std::string text = "# Settings of a run. What is left out keeps its standard value.\n";

  void table(std::string_view name) { text += fmt::format("\n[{}]\n", name); }
  /// Whether settings that may have no meaning are to be visited.
  static bool wants(bool meant) { return meant; }
  template <class T>
  void value(std::string_view name, const T& setting) {
    text += fmt::format("{} = {}\n", name, text_of(setting));
  }
  template <class T>
  void value(std::string_view name, const std::optional<T>& setting) {
    if (setting) value(name, *setting);
  }
  void layers(std::string_view name, const std::optional<std::string>& spec) { value(name, spec); }
};

// ---- text to settings ----

constexpr const char* kTaskKey = "task";

/// Reads what the list of settings asks for, remembers it, and refuses all else.
class Reader {
 public:
  Reader(toml::table& root, const std::string& source) : root_(root), source_(source) {}

  /// Before all tables: the task that the settings are of, where they say it.
  void task(std::string_view expected) {
    tables_.emplace_back(kTaskKey);
    const toml::node* node = root_.get(kTaskKey);
    if (node == nullptr) return;
    const auto* name = node->as_string();
    if (name == nullptr || reveal(name->get()) != expected)
      fail(*node, kTaskKey, *node, fmt::format("\"{}\"", expected));
  }

  void table(std::string_view name) {
    finish_table();
    table_name_ = name;
    names_.clear();
    tables_.emplace_back(name);
    toml::node* node = root_.get(name);
    if (node != nullptr && !node->is_table()) fail(*node, table_name_, *node, "a table");
    table_ = node == nullptr ? nullptr : node->as_table();
  }

  static bool wants(bool) { return true; }
  template <class T>
  void value(std::string_view name, T& setting) {
    names_.emplace_back(name);
    const toml::node* node = table_ == nullptr ? nullptr : table_->get(name);
    if (node == nullptr) return;
    path_ = fmt::format("{}.{}", table_name_, name);
    try {
      read(*node, setting);
    } catch (const PlacedError&) {
      throw;
    } catch (const SettingError& error) {
      throw PlacedError(fmt::format("{}: {}", place(*node, path_), error.what()));
    }
  }

  /// A network: the spec as a text, or as a list of tables with the same words.
  void layers(std::string_view name, std::optional<std::string>& spec) {
    const toml::node* node = table_ == nullptr ? nullptr : table_->get(name);
    if (node == nullptr || !node->is_array()) return value(name, spec);
    names_.emplace_back(name);
    spec = layers_text(*node->as_array(), fmt::format("{}.{}", table_name_, name), 0);
  }

  /// After the last setting.
  void finish() {
    finish_table();
    for (auto&& [key, node] : root_) refuse_unknown(key.str(), node, "", tables_);
  }

 private:
  /// Has its place in the message already.
  struct PlacedError : SettingError {
    using SettingError::SettingError;
  };

  std::string layers_text(const toml::array& list, const std::string& path, std::size_t depth) const {
    if (depth == kMaxSpecDepth) fail(list, path, list, fmt::format("at most {} lists in each other", depth));
    std::vector<std::string> texts;
    for (const toml::node& layer : list) {
      if (!layer.is_table()) fail(layer, path, layer, "a table such as {kind = \"lstm\", hidden = 64}");
      texts.push_back(layer_text(*layer.as_table(), path, depth));
    }
    return fmt::format("{}", fmt::join(texts, ", "));
  }
  std::string layer_text(const toml::table& layer, const std::string& path, std::size_t depth) const {
    const toml::node* kind = layer.get("kind");
    if (kind == nullptr)
      fail(layer, path, layer, "a table with a kind, such as {kind = \"lstm\", hidden = 64}");
    std::string text = word(*kind, path + ".kind"), values, options;
    for (auto&& [key, node] : layer) {
      const std::string name = reveal(key.str()), at = path + "." + shown(name);
      if (name == "kind") continue;
      if (name == "layers") {
        if (!node.is_array()) fail(node, at, node, "a list of tables");
        text += fmt::format("({})", layers_text(*node.as_array(), at, depth + 1));
      } else if (name == "values") {
        if (!node.is_array()) fail(node, at, node, "a list of words");
        for (const toml::node& one : *node.as_array()) values += " " + word(one, at);
      } else {
        options += fmt::format(" {}={}", only_word(node, at, name), word(node, at));
      }
    }
    return text + values + options;
  }
  /// A value as the spec writes it.
  std::string word(const toml::node& node, const std::string& path) const {
    if (const auto* flag = node.as_boolean()) return flag->get() ? "on" : "off";
    if (const auto* whole = node.as_integer()) return fmt::format("{}", whole->get());
    if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
    const auto* text = node.as_string();
    if (text == nullptr) fail(node, path, node, "a word, a number, true or false");
    return only_word(node, path, reveal(text->get()));
  }
  /// Nothing that would be more than one word there.
  std::string only_word(const toml::node& node, const std::string& path, std::string text) const {
    const auto allowed = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             std::string_view("_+-.:/").find(c) != std::string_view::npos;
    };
    if (text.empty() || !std::ranges::all_of(text, allowed))
      fail(node, path, node, "one word of letters, digits and _ + - . : /");
    return text;
  }

  void finish_table() {
    if (table_ == nullptr) return;
    for (auto&& [key, node] : *table_) refuse_unknown(key.str(), node, table_name_ + ".", names_);
  }

  void refuse_unknown(std::string_view key, const toml::node& node, const std::string& prefix,
                      const std::vector<std::string>& known) const {
    if (std::ranges::find(known, key) != known.end()) return;
    throw PlacedError(fmt::format("{}: there is no such setting; {}",
                                  place(node, prefix + shown(reveal(key))), suggestion(key, known)));
  }

  std::string place(const toml::node& node, const std::string& path) const {
    return fmt::format("{}, line {}: {}", source_, node.source().begin.line, path);
  }

  [[noreturn]] void fail(const toml::node& where, const std::string& path, const toml::node& found,
                         std::string_view expected) const {
    constexpr std::string_view kKinds[] = {"nothing",        "a table",        "an array",      "a text",
                                           "a whole number", "a number",       "true or false", "a date",
                                           "a time",         "a date and time"};
    const auto kind = static_cast<std::size_t>(found.type());
    throw PlacedError(fmt::format("{}: found {}, expected {}", place(where, path),
                                  kind < std::size(kKinds) ? kKinds[kind] : "something else", expected));
  }

  void read(const toml::node& node, std::string& setting) const {
    const auto* text = node.as_string();
    if (text == nullptr) fail(node, path_, node, "a text in quotes");
    setting = reveal(text->get());
  }
  template <class T>
  requires std::is_unsigned_v<T>
  void read(const toml::node& node, T& setting) const {
    const auto* number = node.as_integer();
    if (number == nullptr) fail(node, path_, node, "a whole number");
    if (number->get() < 0)
      throw SettingError(fmt::format("found {}, expected a whole number of at least 0", number->get()));
    setting = static_cast<T>(number->get());
  }
  void read(const toml::node& node, bool& setting) const {
    const auto* flag = node.as_boolean();
    if (flag == nullptr) fail(node, path_, node, "true or false");
    setting = flag->get();
  }
  void read(const toml::node& node, double& setting) const {
    if (const auto* whole = node.as_integer()) {
      setting = static_cast<double>(whole->get());
      return;
    }
    const auto* number = node.as_floating_point();
    if (number == nullptr) fail(node, path_, node, "a number");
    setting = number->get();
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void read(const toml::node& node, Enum& setting) const {
    std::string text;
    read(node, text);
    set_by_name(text, setting);
  }
  void read(const toml::node& node, JoinRange& setting) const {
    std::string text;
    read(node, text);
    setting = text.empty() ? JoinRange() : parse_join(text);
  }
  void read(const toml::node& node, SplitRule& setting) const {
    std::string text;
    read(node, text);
    setting = parse_split(text);
  }
  template <class T>
  void read(const toml::node& node, std::vector<T>& setting) const {
    const toml::array* array = node.as_array();
    if (array == nullptr) fail(node, path_, node, "a list in brackets");
    setting.clear();
    for (const toml::node& element : *array) read(element, setting.emplace_back());
  }
  template <class T>
  void read(const toml::node& node, std::optional<T>& setting) const {
    read(node, setting.emplace());
  }

  static void set_by_name(const std::string& text, ForecastMode& out) { out = parse_forecast_mode(text); }
  static void set_by_name(const std::string& text, Method& out) { out = parse_method(text); }
  static void set_by_name(const std::string& text, OnlineUpdate& out) { out = parse_online_update(text); }
  static void set_by_name(const std::string& text, KalmanUpdate& out) { out = parse_kalman_update(text); }
  static void set_by_name(const std::string& text, WeightGrouping& out) { out = parse_weight_grouping(text); }
  static void set_by_name(const std::string& text, ControlMethod& out) { out = parse_control_method(text); }
  static void set_by_name(const std::string& text, DetectMethod& out) { out = parse_detect_method(text); }
  static void set_by_name(const std::string& text, GenerateUnit& out) { out = parse_generate_unit(text); }
  static void set_by_name(const std::string& text, PianoKeys& out) { out = parse_piano_keys(text); }
  static void set_by_name(const std::string& text, ExampleFormat& out) { out = parse_example_format(text); }
  static void set_by_name(const std::string& text, SpectrumKind& out) { out = parse_spectrum_kind(text); }
  static void set_by_name(const std::string& text, TranscribeMethod& out) {
    out = parse_transcribe_method(text);
  }
  static void set_by_name(const std::string& text, ClassWeights& out) { out = parse_class_weights(text); }
  static void set_by_name(const std::string& text, SymbolUnit& out) { out = parse_symbol_unit(text); }
  static void set_by_name(const std::string& text, ImageSteps& out) { out = parse_image_steps(text); }
  static void set_by_name(const std::string& text, LineUnit& out) { out = parse_line_unit(text); }
  static void set_by_name(const std::string& text, SplitOrder& out) { out = parse_split_order(text); }
  static void set_by_name(const std::string& text, InvalidText& out) { out = parse_invalid_text(text); }
  static void set_by_name(const std::string& text, Transform& out) { out = parse_transform(text); }
  static void set_by_name(const std::string& text, Anchor& out) { out = parse_anchor(text); }
  static void set_by_name(const std::string& text, Missing& out) { out = parse_missing(text); }
  static void set_by_name(const std::string& text, Scaling& out) { out = parse_scaling(text); }
  static void set_by_name(const std::string& text, DateOrder& out) { out = parse_date_order(text); }
  static void set_by_name(const std::string& text, SeriesForm& out) { out = parse_series_form(text); }
  static void set_by_name(const std::string& text, CalendarFeature& out) {
    out = parse_calendar_feature(text);
  }

  toml::table& root_;
  const std::string& source_;
  toml::table* table_ = nullptr;
  std::string table_name_, path_;
  std::vector<std::string> names_, tables_;
};

/// What read() makes of a file's text; a wrong setting is wrong data there.
template <class Read>
auto from_file(const std::string& path, const Read& read) {
  const std::string text = read_file(path, kMaxSettingsBytes);
  try {
    return read(text);
  } catch (const SettingError& error) {
    const std::string message = error.what();
    throw DataError(message.starts_with(path) ? message : fmt::format("{}: {}", path, message));
  }
}

}  // namespace

template <class Settings>
std::string to_toml(const Settings& settings) {
  Writer writer;
  writer.value(kTaskKey, std::string(Settings::kTask));
  visit_settings(settings, writer);
  return writer.text;
}

template <class Settings>
Settings from_toml(std::string_view text, const std::string& source) {
  toml::table root = parse_toml(text, source);
  Settings settings;
  Reader reader(root, source);
  reader.task(Settings::kTask);
  visit_settings(settings, reader);
  reader.finish();
  return settings;
}

template <class Settings>
Settings read_settings(const std::string& path) {
  return from_file(path, [&](const std::string& text) {
    Settings settings = from_toml<Settings>(text, path);
    check_settings(settings);
    return settings;
  });
}

std::string read_task(const std::string& path) {
  return from_file(path, [&](const std::string& text) {
    const toml::table root = parse_toml(text, path);
    const toml::node* node = root.get(kTaskKey);
    const auto* name = node == nullptr ? nullptr : node->as_string();
    return name == nullptr ? std::string(ForecastSettings::kTask) : reveal(name->get());
  });
}

template std::string to_toml(const ForecastSettings&);
template ForecastSettings from_toml(std::string_view, const std::string&);
template ForecastSettings read_settings(const std::string&);
template std::string to_toml(const GenerateSettings&);
template GenerateSettings from_toml(std::string_view, const std::string&);
template GenerateSettings read_settings(const std::string&);
template std::string to_toml(const ClassifySettings&);
template ClassifySettings from_toml(std::string_view, const std::string&);
template ClassifySettings read_settings(const std::string&);
template std::string to_toml(const LabelSettings&);
template LabelSettings from_toml(std::string_view, const std::string&);
template LabelSettings read_settings(const std::string&);
template std::string to_toml(const TranscribeSettings&);
template TranscribeSettings from_toml(std::string_view, const std::string&);
template TranscribeSettings read_settings(const std::string&);
template std::string to_toml(const TranslateSettings&);
template TranslateSettings from_toml(std::string_view, const std::string&);
template TranslateSettings read_settings(const std::string&);
template std::string to_toml(const DetectSettings&);
template DetectSettings from_toml(std::string_view, const std::string&);
template DetectSettings read_settings(const std::string&);
template std::string to_toml(const ControlSettings&);
template ControlSettings from_toml(std::string_view, const std::string&);
template ControlSettings read_settings(const std::string&);

}  // namespace carousel
