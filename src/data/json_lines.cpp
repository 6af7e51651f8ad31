#include "data/json_lines.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "data/cells.h"

namespace carousel {
namespace {

/// Takes the parser's events one by one: no tree of hostile depth or size is ever built. The names and
/// signatures of the public functions are nlohmann::json's.
class SampleBuilder {
 public:
  SampleBuilder(JsonSample& sample, const LineReader& lines) : sample_(sample), lines_(lines) {}

  bool null() {
    return value("null", [&] { refuse("null"); });
  }
  bool boolean(bool flag) {
    return value(flag ? "true" : "false", [&] { refuse(flag ? "true" : "false"); });
  }
  bool number_integer(std::int64_t number) { return whole(number); }
  bool number_unsigned(std::uint64_t number) { return whole(number); }
  bool number_float(double number, const std::string& text) {
    return value(text, [&] { take_number(number, text); });
  }
  bool binary(std::vector<std::uint8_t>&) { refuse("binary"); }
  bool string(std::string& text) {
    return value("a text", [&] { take_text(text); });
  }

  bool key(std::string& name) {
    if (depth_ > 1) return true;
    key_ = std::move(name);
    known_ = key_ == "x" || key_ == "y" || key_ == "id" || key_ == "split";
    if (!known_) return true;
    bool& seen = key_ == "x" ? x_seen_ : key_ == "y" ? y_seen_ : key_ == "id" ? id_seen_ : split_seen_;
    if (std::exchange(seen, true)) fail("is there twice");
    return true;
  }
  bool start_object(std::size_t) {
    if (depth_ > 0 && known_) refuse("an object");
    return deeper();
  }
  bool end_object() {
    --depth_;
    return true;
  }
  bool start_array(std::size_t) {
    if (depth_ == 0) lines_.fail("found a list, expected an object such as {\"x\": [[1, 2]], \"y\": \"a\"}");
    const bool list = key_ == "x" ? depth_ <= 2 : key_ == "y" && depth_ == 1;
    if (known_ && !list) refuse("a list");
    if (known_ && key_ == "x" && depth_ == 2) begin_step();
    return deeper();
  }
  bool end_array() {
    --depth_;
    if (known_ && key_ == "x" && depth_ == 2) end_step();
    if (known_ && key_ == "y" && std::holds_alternative<std::monostate>(sample_.y)) {
      sample_.y = std::vector<std::string>();
    }
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) {
    // The library's text repeats the whole of what it read last; its last clause says what is wrong.
    const std::string_view text = error.what();
    const std::size_t clause = text.rfind("; "), code = text.find("] ");
    const std::size_t begin = clause != std::string_view::npos ? clause : code;
    const std::string reason = begin == std::string_view::npos
                                   ? std::string()
                                   : fmt::format(" ({})", shown(text.substr(begin + 2), 80));
    lines_.fail(fmt::format("column {}: not valid JSON{}", std::max<std::size_t>(position, 1), reason));
  }

  void finish() {
    if (!x_seen_) lines_.fail("found no \"x\", expected the steps of a sequence");
    if (sample_.steps > 0 && sample_.features == 0) lines_.fail("\"x\": found steps without numbers");
  }

 private:
  [[noreturn]] void fail(std::string_view what) const {
    lines_.fail(fmt::format("\"{}\": {}", shown(key_), what));
  }
  [[noreturn]] void refuse(std::string_view found) const {
    const char* const expected = key_ == "x"    ? "a list of numbers, or of lists of numbers"
                                 : key_ == "y"  ? "a text, a number, or a list of one of the two"
                                 : key_ == "id" ? "a text or a whole number"
                                                : "a text";
    fail(fmt::format("found {}, expected {}", shown(found), expected));
  }

  bool deeper() {
    if (++depth_ > JsonLinesReader::kMaxDepth) {
      fail(fmt::format("found more than {} lists and objects within another", JsonLinesReader::kMaxDepth));
    }
    return true;
  }

  /// What is not within a list or object within another member goes to `take`.
  template <class Take>
  bool value(std::string_view found, const Take& take) {
    if (depth_ == 0) {
      lines_.fail(fmt::format("found {}, expected an object such as {{\"x\": [[1, 2]], \"y\": \"a\"}}",
                              shown(found)));
    }
    if (known_) take();
    return true;
  }

  template <class Whole>
  bool whole(Whole number) {
    const auto text = [&] { return fmt::format("{}", number); };
    return value("a number", [&] {
      if (key_ == "id") {
        sample_.id = text();
      } else {
        take_number(static_cast<double>(number), text());
      }
    });
  }

  void take_number(double number, const std::string& text) {
    const auto rounded = static_cast<float>(number);
    if (std::isinf(rounded)) {
      fail(fmt::format("found {}, expected a number within a float's range (3.4e38)", shown(text)));
    }
    if (key_ == "x" && depth_ > 1) {
      take_x(rounded);
    } else if (key_ == "y" && depth_ == 1) {
      sample_.y = rounded;
    } else if (key_ == "y") {
      append_y(rounded, text);
    } else {
      refuse(text);
    }
  }

  void take_text(std::string& text) {
    if (key_ == "id" || key_ == "split") {
      (key_ == "id" ? sample_.id : sample_.split) = std::move(text);
    } else if (key_ == "y" && depth_ == 1) {
      sample_.y = std::move(text);
    } else if (key_ == "y") {
      append_y(std::move(text), "a text");
    } else {
      refuse(fmt::format("'{}'", shown(text)));
    }
  }

  template <class T>
  void append_y(T element, std::string_view found) {
    if (std::holds_alternative<std::monostate>(sample_.y)) sample_.y = std::vector<T>();
    auto* const list = std::get_if<std::vector<T>>(&sample_.y);
    if (list == nullptr) fail(fmt::format("found {} in a list of the other kind", shown(found)));
    list->push_back(std::move(element));
  }

  void take_x(float number) {
    const bool plain = depth_ == 2;
    if (plain == lists_ && sample_.steps > 0) refuse_mixture();
    sample_.x.push_back(number);
    if (!plain) return;
    sample_.features = 1;
    ++sample_.steps;
  }

  void begin_step() {
    if (sample_.steps > 0 && !lists_) refuse_mixture();
    lists_ = true;
    step_begin_ = sample_.x.size();
  }

  void end_step() {
    const std::size_t features = sample_.x.size() - step_begin_;
    if (sample_.steps > 0 && features != sample_.features) {
      fail(fmt::format("step {} has {} numbers, expected {} as in the steps before", sample_.steps + 1,
                       features, sample_.features));
    }
    sample_.features = features;
    ++sample_.steps;
  }

  [[noreturn]] void refuse_mixture() const {
    fail("found numbers beside lists of numbers, expected one of the two");
  }

  JsonSample& sample_;
  const LineReader& lines_;
  std::string key_;
  /// Is key_ one of those that are read? Before the first key there is nothing to read.
  bool known_ = false;
  bool x_seen_ = false, y_seen_ = false, id_seen_ = false, split_seen_ = false;
  /// Lists and objects open; 1 among the members of the object.
  std::size_t depth_ = 0;
  /// Is x a list of lists?
  bool lists_ = false;
  std::size_t step_begin_ = 0;
};

}  // namespace

JsonLinesReader::JsonLinesReader(const std::string& path) : lines_(ByteSource(path), source_name(path)) {}
JsonLinesReader::JsonLinesReader(std::string_view text, std::string source)
    : lines_(ByteSource(text), std::move(source)) {}

std::optional<JsonSample> JsonLinesReader::next() {
  std::optional<JsonSample> sample = next_any();
  if (sample && !sample->wrong.empty()) throw DataError(sample->wrong);
  return sample;
}

std::optional<JsonSample> JsonLinesReader::next_any() {
  while (const std::optional<std::string_view> line = lines_.next()) {
    if (line->find_first_not_of(" \t") == std::string_view::npos) continue;
    JsonSample sample;
    sample.line = lines_.line();
    try {
      SampleBuilder builder(sample, lines_);
      nlohmann::json::sax_parse(line->begin(), line->end(), &builder);
      builder.finish();
    } catch (const DataError& error) {
      sample.wrong = error.what();
    }
    return sample;
  }
  return std::nullopt;
}

}  // namespace carousel
