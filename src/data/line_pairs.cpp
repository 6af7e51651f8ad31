#include "data/line_pairs.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace carousel {
namespace {

void refuse_blank(const std::string& text, const std::string& name, std::size_t line, const char* side) {
  if (text.find_first_not_of(" \t\r") == std::string::npos)
    throw DataError(fmt::format("{}, line {}: found no {}, expected some text; correct or remove the line",
                                name, line, side));
}

}  // namespace

std::vector<LinePair> read_line_pairs(ByteSource pairs, const std::string& name, InvalidText policy) {
  TextLines reader(std::move(pairs), name, policy);
  std::vector<LinePair> all;
  while (const auto line = reader.next()) {
    if (line->empty())
      throw DataError(
          fmt::format("{}, line {}: found an empty line, expected SOURCE TAB TARGET", name, reader.line()));
    const std::size_t tab = line->find('\t');
    if (const auto tabs = std::ranges::count(*line, '\t'); tabs != 1)
      throw DataError(fmt::format("{}, line {}: found {} TABs, expected one, between source and target", name,
                                  reader.line(), tabs == 0 ? "no" : std::to_string(tabs)));
    all.push_back({line->substr(0, tab), line->substr(tab + 1)});
    refuse_blank(all.back().source, name, reader.line(), "source");
    refuse_blank(all.back().target, name, reader.line(), "target");
  }
  return all;
}

std::vector<LinePair> read_line_pairs(ByteSource sources, const std::string& source_name, ByteSource targets,
                                      const std::string& target_name, InvalidText policy) {
  TextLines source_reader(std::move(sources), source_name, policy),
      target_reader(std::move(targets), target_name, policy);
  std::vector<LinePair> all;
  for (;;) {
    auto source = source_reader.next(), target = target_reader.next();
    if (!source && !target) return all;
    if (!source || !target)
      throw DataError(
          fmt::format("{}: found {} lines, but {} has more; expected one line for each of the other's",
                      source ? target_name : source_name, all.size(), source ? source_name : target_name));
    refuse_blank(*source, source_name, source_reader.line(), "source");
    refuse_blank(*target, target_name, target_reader.line(), "target");
    all.push_back({std::move(*source), std::move(*target)});
  }
}

}  // namespace carousel
