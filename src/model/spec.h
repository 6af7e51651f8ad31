// A network as text: "lstm 128, dropout 0.1, bidirectional(lstm 64) merge=sum, dense 1".
//
//   spec   = layer { "," layer }
//   layer  = kind [ "(" spec ")" ] { value | name "=" value }
//   kind, name = letter or "_", then letters, digits, "_"
//   value  = letters, digits and any of _ + - . : /
//
// White space, line ends included, may stand between any two of these. The parser knows the form only; which
// kinds there are, and what their values mean, is said by the builder through LayerReader.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carousel {

/// A value as it was written; position is the byte in the text where it (an option: its name) begins.
struct SpecValue {
  std::string text;
  std::size_t position = 0;
  bool operator==(const SpecValue& other) const { return text == other.text; }
};

struct SpecOption {
  std::string name;
  SpecValue value;
  bool operator==(const SpecOption& other) const = default;
};

/// One layer as written. Two are equal if they say the same, wherever they stand.
struct LayerSpec {
  std::string kind;
  std::vector<LayerSpec> layers;    // in parentheses; empty when there are none
  std::vector<SpecValue> values;    // by place: lstm 128
  std::vector<SpecOption> options;  // by name, each at most once: merge=sum
  std::size_t position = 0;         // byte in the text where the kind begins
  bool operator==(const LayerSpec& other) const;
};

inline constexpr std::size_t kMaxSpecBytes = 65536;
inline constexpr std::size_t kMaxSpecDepth = 16;

/// Throws SettingError with the column (1 is the first byte), what was found and what was expected.
std::vector<LayerSpec> parse_spec(std::string_view text);

/// The canonical text: layers separated by ", ", values before options, one blank between.
/// parse_spec(to_text(x)) == x.
std::string to_text(std::span<const LayerSpec> layers);
std::string to_text(const LayerSpec& layer);

/// Throws SettingError at a place in the text: "spec, column 9: MESSAGE".
[[noreturn]] void refuse_spec(std::size_t position, std::string_view message);

/// Throws SettingError for a kind nobody knows, with the nearest of `known` suggested, or all of them listed.
[[noreturn]] void refuse_kind(const LayerSpec& layer, std::span<const std::string> known);

/// Reads the values of one layer in order and its options by name; whatever is wrong is a SettingError with
/// the place and what would work. A new layer in the builder:
///
///   LayerReader read(layer);
///   const std::size_t hidden = read.integer("hidden", 1, kMaxHidden);
///   const double zoneout = read.option_number("zoneout", 0.0, 1.0, 0.0);
///   const bool layer_norm = read.option_flag("layer_norm", false);
///   read.finish();
///
/// A value by place may also be given by its name (lstm hidden=128). Without a default it must be there. All
/// limits are inclusive. The LayerSpec must outlive the reader.
class LayerReader {
 public:
  explicit LayerReader(const LayerSpec& layer);

  const std::string& kind() const noexcept { return layer_.kind; }

  /// The next value by place, or the option called `name`.
  std::size_t integer(std::string_view name, std::size_t min, std::size_t max,
                      std::optional<std::size_t> standard = std::nullopt);
  double number(std::string_view name, double min, double max, std::optional<double> standard = std::nullopt);
  std::string word(std::string_view name, const std::vector<std::string>& allowed,
                   std::optional<std::string_view> standard = std::nullopt);

  /// The option called `name`; `standard` if it is not given.
  std::size_t option_integer(std::string_view name, std::size_t min, std::size_t max, std::size_t standard);
  double option_number(std::string_view name, double min, double max, double standard);
  /// The same with a word for its absence: name=off is `off`.
  double option_number_or_off(std::string_view name, double min, double max, double standard, double off);
  std::string option_word(std::string_view name, const std::vector<std::string>& allowed,
                          std::string_view standard);
  /// The next value by place, or the option called `name`, cut at its colons: hard_sigmoid:0.2:0.5; empty if
  /// it is not given. And the same of an option.
  std::vector<std::string> parts(std::string_view name) { return split(find(name, true, false)); }
  std::vector<std::string> option_parts(std::string_view name) { return split(find(name, false, false)); }
  /// name=on or name=off.
  bool option_flag(std::string_view name, bool standard);
  bool has_option(std::string_view name) const;

  bool has_layers() const noexcept { return !layer_.layers.empty(); }
  /// The layers in parentheses, at least one and at most `max`.
  const std::vector<LayerSpec>& layers(std::size_t max = static_cast<std::size_t>(-1));

  /// Every value, option and parenthesis must have been read by now; refuses the first that was not,
  /// suggesting the nearest name asked for.
  void finish() const;

  /// For what only the builder can see: throws "spec, column C: KIND: MESSAGE" at the layer, or at an option
  /// or value that was read under `name`.
  [[noreturn]] void refuse(std::string_view message) const;
  [[noreturn]] void refuse(std::string_view name, std::string_view message) const;

 private:
  const SpecValue* find(std::string_view name, bool by_place, bool required);
  static std::vector<std::string> split(const SpecValue* value);
  const SpecOption* option(std::string_view name) const;
  [[noreturn]] void refuse_value(const SpecValue& value, std::string_view name,
                                 std::string_view expected) const;
  [[noreturn]] void refuse_missing(std::string_view name) const;
  [[noreturn]] void refuse_option(const SpecOption& option) const;
  std::size_t as_integer(const SpecValue& value, std::string_view name, std::size_t min,
                         std::size_t max) const;
  double as_number(const SpecValue& value, std::string_view name, double min, double max,
                   std::string_view otherwise = "") const;
  std::string as_word(const SpecValue& value, std::string_view name,
                      const std::vector<std::string>& allowed) const;

  struct Asked {
    std::string name;
    const SpecValue* value;  // null where the standard was taken
  };
  const LayerSpec& layer_;
  std::size_t next_value_ = 0;
  bool layers_read_ = false;
  std::vector<Asked> asked_;
};

}  // namespace carousel
