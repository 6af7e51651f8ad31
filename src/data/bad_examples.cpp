#include "data/bad_examples.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/counted.h"
#include "data/cells.h"

namespace carousel {
namespace {

constexpr std::size_t kListed = 20, kNameShown = 200;

}  // namespace

void BadExampleList::add(BadExample one) {
  if (!rule_.skipped)
    throw DataError(fmt::format("{}: {}{}", shown(one.name, kNameShown), one.reason, rule_.advice));
  list_.push_back(std::move(one));
}

void BadExampleList::add_error(const std::string& name, const std::string& text) {
  if (!rule_.skipped) throw DataError(fmt::format("{}{}", text, rule_.advice));
  list_.push_back({name, without_name(name, text)});
}

std::string without_name(const std::string& name, const std::string& text) {
  constexpr std::string_view kParting = ":, ", kLine = " line ";
  if (name.empty()) return text;
  const std::size_t at = text.find(name), end = at + name.size();
  if (at == 0 || (at != std::string::npos && text[at - 1] == '/')) {
    const std::size_t begin = text.find_first_not_of(kParting, end);
    if (begin != std::string::npos && begin != end) return text.substr(begin);
  }
  const std::size_t line = name.rfind(kLine), number = line + kLine.size();
  if (line != std::string::npos && text.compare(0, number, name, 0, number) == 0)
    return "in" + text.substr(line);
  return text;
}

std::vector<std::string> left_out_lines(const std::vector<BadExample>& bad) {
  std::vector<std::string> lines;
  if (bad.empty()) return lines;
  lines.push_back(fmt::format("left out: {}", counted(bad.size(), "bad example", "bad examples")));
  list_examples(bad, kListed, lines);
  return lines;
}

void list_examples(const std::vector<BadExample>& bad, std::size_t most, std::vector<std::string>& lines) {
  for (std::size_t i = 0; i < std::min(most, bad.size()); ++i)
    lines.push_back(fmt::format("  {}: {}", bad[i].name, bad[i].reason));
  if (bad.size() > most) lines.push_back(fmt::format("  and {} more", grouped(bad.size() - most)));
}

std::string first_left_out(const std::vector<BadExample>& bad) {
  if (bad.empty()) return "";
  return fmt::format("; {} left out, the first is {}: {}",
                     counted(bad.size(), "bad example was", "bad examples were"),
                     shown(bad.front().name, kNameShown), bad.front().reason);
}

}  // namespace carousel
