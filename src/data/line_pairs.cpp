#include "data/line_pairs.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "data/line_reader.h"

namespace carousel {
namespace {

std::string place(const LineReader& reader) {
  return fmt::format("{}, line {}", reader.name(), reader.line());
}

/// The line that was read last, in UTF-8.
std::string text_of(const LineReader& reader, std::string_view line, InvalidText policy) {
  return valid_text(std::string(line), reader.name(), policy, reader.line());
}

void refuse_blank(const std::string& text, const std::string& place, const char* side) {
  if (text.find_first_not_of(" \t\r") == std::string::npos)
    throw DataError(
        fmt::format("{}: found no {}, expected some text; correct or remove the line", place, side));
}

LinePair pair_of(const std::string& line, const std::string& place) {
  if (line.empty()) throw DataError(place + ": found an empty line, expected SOURCE TAB TARGET");
  if (const auto tabs = std::ranges::count(line, '\t'); tabs != 1)
    throw DataError(fmt::format("{}: found {} TABs, expected one, between source and target", place,
                                tabs == 0 ? "no" : std::to_string(tabs)));
  const std::size_t tab = line.find('\t');
  LinePair pair{line.substr(0, tab), line.substr(tab + 1)};
  refuse_blank(pair.source, place, "source");
  refuse_blank(pair.target, place, "target");
  return pair;
}

}  // namespace

std::vector<LinePair> read_line_pairs(ByteSource pairs, const std::string& name, InvalidText policy,
                                      BadExampleList& bad) {
  LineReader reader(std::move(pairs), name);
  std::vector<LinePair> all;
  while (const auto line = reader.next())
    bad.take(place(reader), [&] { all.push_back(pair_of(text_of(reader, *line, policy), place(reader))); });
  return all;
}

std::vector<LinePair> read_line_pairs(ByteSource sources, const std::string& source_name, ByteSource targets,
                                      const std::string& target_name, InvalidText policy,
                                      BadExampleList& bad) {
  LineReader source_reader(std::move(sources), source_name), target_reader(std::move(targets), target_name);
  std::vector<LinePair> all;
  const auto take = [&](const LineReader& reader, std::string_view line, const char* side, std::string& to) {
    return bad.take(place(reader), [&] {
      to = text_of(reader, line, policy);
      refuse_blank(to, place(reader), side);
    });
  };
  for (;;) {
    const auto source = source_reader.next(), target = target_reader.next();
    if (!source && !target) return all;
    if (!source || !target)
      throw DataError(
          fmt::format("{}: found {} lines, but {} has more; expected one line for each of the other's",
                      source ? target_name : source_name, (source ? target_reader : source_reader).line(),
                      source ? source_name : target_name));
    LinePair pair;
    if (take(source_reader, *source, "source", pair.source) &&
        take(target_reader, *target, "target", pair.target))
      all.push_back(std::move(pair));
  }
}

}  // namespace carousel
