#include "data/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "carousel/error.h"
#include "data/cells.h"

namespace carousel {
namespace {

[[noreturn]] void fail_text(std::string_view text) {
  throw SettingError(
      fmt::format("split: found '{}', expected training, validation and test part: shares of at most 1 in "
                  "all (0.7,0.1,0.2), or numbers (8640,2880,2880); or how many are at the end for validation "
                  "and test ('12,24') or for each of both ('24')",
                  shown(text)));
}

template <class T>
T parse_all(std::string_view part, std::string_view text) {
  T value{};
  const std::from_chars_result read = std::from_chars(part.data(), part.data() + part.size(), value);
  if (read.ec != std::errc() || read.ptr != part.data() + part.size()) fail_text(text);
  return value;
}

Split cut(std::size_t train, std::size_t validation, std::size_t test) {
  return {{0, train}, {train, train + validation}, {train + validation, train + validation + test}};
}

Split cut_fractions(std::size_t rows, const SplitFractions& parts) {
  const auto share = [rows](double fraction) {
    // 0.7 * 10 is a little below 7 in doubles; a count that is whole but for rounding stays whole.
    return static_cast<std::size_t>(std::floor(static_cast<double>(rows) * fraction + 1e-9));
  };
  const std::size_t train = std::min(share(parts.train), rows);
  const std::size_t validation = std::min(share(parts.validation), rows - train);
  const bool whole = parts.train + parts.validation + parts.test > 1 - 1e-9;
  const std::size_t rest = rows - train - validation;
  // Without a test fraction, a row left over by rounding is training's neighbour, not a test part.
  return cut(train, validation, whole && parts.test > 0 ? rest : std::min(share(parts.test), rest));
}

/// `where` and `what` name the rows in messages.
Split split_named(const std::string& where, std::string_view what, std::size_t rows, const SplitRule& rule) {
  const auto fail = [&](const std::string& needed) {
    throw DataError(fmt::format("{}: found {} {}, expected at least {}", where, rows, what, needed));
  };
  if (const auto* fractions = std::get_if<SplitFractions>(&rule)) return cut_fractions(rows, *fractions);
  if (const auto* counts = std::get_if<SplitCounts>(&rule)) {
    const std::size_t needed = counts->train + counts->validation + counts->test;
    if (rows < needed) fail(fmt::format("{} (split {})", needed, to_string(rule)));
    return cut(counts->train, counts->validation, counts->test);
  }
  const auto& last = std::get<SplitLast>(rule);
  const std::size_t held_out = last.validation + last.test;
  if (rows <= held_out) fail(fmt::format("{} (validation, test and something to train on)", held_out + 1));
  return cut(rows - held_out, last.validation, last.test);
}

std::string describe(const SeriesSet& set, std::size_t number) {
  const Series& series = set.series[number];
  return series.id.empty() ? set.source : fmt::format("{}, series '{}'", set.source, shown(series.id));
}

/// Some series must have a part long enough for a window, if any has rows in it.
void check_part(const SeriesSet& set, std::span<const Split> splits, Range Split::*part,
                std::string_view name, std::size_t context, std::size_t horizon) {
  std::size_t longest = 0;
  for (std::size_t i = 0; i < splits.size(); ++i) {
    if ((splits[i].*part).size() > (splits[longest].*part).size()) longest = i;
  }
  const std::size_t rows = (splits[longest].*part).size();
  const bool may_be_empty = part != &Split::train;
  if ((rows == 0 && may_be_empty) || (rows >= horizon && rows - horizon >= context)) return;
  throw DataError(fmt::format(
      "{}: the {} part has {} rows, expected at least {}; give more rows, a shorter {} or another split",
      describe(set, longest), name, rows,
      context == 0 ? fmt::format("{} (the horizon)", horizon)
                   : fmt::format("{} + {} (context + horizon)", context, horizon),
      context == 0 ? "horizon" : "context or horizon"));
}

}  // namespace

SplitRule parse_split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::string_view rest = text;;) {
    const std::size_t comma = rest.find(',');
    std::string_view part = rest.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    parts.push_back(part);
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  if (parts.size() > 3) fail_text(text);
  if (text.find('.') != std::string_view::npos) {
    if (parts.size() != 3) fail_text(text);
    const SplitFractions rule{parse_all<double>(parts[0], text), parse_all<double>(parts[1], text),
                              parse_all<double>(parts[2], text)};
    if (!(rule.train > 0 && rule.validation >= 0 && rule.test >= 0)) fail_text(text);
    if (const double sum = rule.train + rule.validation + rule.test; !(sum <= 1 + 1e-9))
      throw SettingError(
          fmt::format("split: found '{}', shares of {:.4g} in all, expected at most 1", text, sum));
    return rule;
  }
  std::vector<std::size_t> counts;
  for (const std::string_view part : parts) {
    constexpr std::size_t kMost = std::size_t{1} << 48;  // sums of three cannot overflow
    counts.push_back(parse_all<std::size_t>(part, text));
    if (counts.back() > kMost) fail_text(text);
  }
  if (counts.size() == 1) return SplitLast{counts[0], counts[0]};
  if (counts.size() == 2) return SplitLast{counts[0], counts[1]};
  if (counts[0] == 0) fail_text(text);
  return SplitCounts{counts[0], counts[1], counts[2]};
}

std::string to_string(const SplitRule& rule) {
  if (const auto* fractions = std::get_if<SplitFractions>(&rule)) {
    // 1 alone would read as a count.
    const std::string train =
        fractions->train == 1 ? std::string("1.0") : fmt::format("{}", fractions->train);
    return fmt::format("{},{},{}", train, fractions->validation, fractions->test);
  }
  if (const auto* counts = std::get_if<SplitCounts>(&rule)) {
    return fmt::format("{},{},{}", counts->train, counts->validation, counts->test);
  }
  const auto& last = std::get<SplitLast>(rule);
  return fmt::format("{},{}", last.validation, last.test);
}

Split split_rows(std::size_t rows, const SplitRule& rule, std::string_view what) {
  return split_named("split", what, rows, rule);
}

std::vector<Split> split_series(const SeriesSet& set, const SplitRule& rule, std::size_t context,
                                std::size_t horizon) {
  if (set.series.empty()) throw DataError(set.source + ": found no series");
  std::vector<Split> splits;
  for (std::size_t i = 0; i < set.series.size(); ++i) {
    splits.push_back(split_named(describe(set, i), "rows", set.series[i].length, rule));
  }
  check_part(set, splits, &Split::train, "training", context, horizon);
  check_part(set, splits, &Split::validation, "validation", 0, horizon);
  check_part(set, splits, &Split::test, "test", 0, horizon);
  return splits;
}

}  // namespace carousel
