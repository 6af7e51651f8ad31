#include "layers/wiring_text.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "cells/activation_text.h"

namespace carousel {

namespace {

constexpr std::size_t kMaxWordBytes = 64;

std::string in_quotes(std::string_view text) { return fmt::format("\"{}\"", text); }

std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0, end; begin <= text.size(); begin = end + 1) {
    end = std::min(text.find(':', begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
  }
  return parts;
}

class Reader {
 public:
  Reader(std::size_t inputs, const RefuseWiring& refuse) : refuse_(refuse) { wiring_.inputs = inputs; }

  void read(const WiringStatement& statement) {
    for (const WiringWord& word : statement)
      if (word.text.size() > kMaxWordBytes)
        refuse_(word.position,
                fmt::format("a word of {} bytes, expected at most {}", word.text.size(), kMaxWordBytes));
    const std::string& kind = statement[0].text;
    if (kind == "units") return read_units(statement);
    if (kind == "connect") return read_connection(statement);
    if (kind == "outputs") return read_outputs(statement);
    refuse_(statement[0].position,
            fmt::format("found {}, expected one of units, connect, outputs", in_quotes(kind)));
  }

  Wiring finish(std::size_t end) {
    using enum WiringFault::Part;
    if (const std::optional<WiringFault> fault = first_fault(wiring_)) {
      const std::vector<std::size_t>* const places[] = {&groups_, &connections_, &outputs_};
      refuse_(fault->part == whole ? end : (*places[static_cast<std::size_t>(fault->part)])[fault->index],
              fault->message);
    }
    return std::move(wiring_);
  }

 private:
  void expect_words(const WiringStatement& statement, std::size_t least, const char* form) const {
    if (statement.size() < least)
      refuse_(statement.back().position + statement.back().text.size(),
              fmt::format("the statement ends here, expected \"{}\"", form));
  }

  void read_units(const WiringStatement& statement) {
    expect_words(statement, 4, "units NAME COUNT ACTIVATION");
    if (statement.size() > 4)
      refuse_(statement[4].position,
              fmt::format("found {}, expected no further word", in_quotes(statement[4].text)));
    UnitGroup group;
    group.name = statement[1].text;
    const std::string& count = statement[2].text;
    const auto [stop, error] = std::from_chars(count.data(), count.data() + count.size(), group.units);
    if (error != std::errc() || stop != count.data() + count.size())
      refuse_(statement[2].position, fmt::format("found {}, expected a number of units", in_quotes(count)));
    const std::vector<std::string> parts = parts_of(statement[3].text);
    if (const std::string wrong = parse_activation(parts, group.activation); !wrong.empty())
      refuse_(statement[3].position, wrong);
    wiring_.groups.push_back(group);
    groups_.push_back(statement[1].position);
  }

  void read_connection(const WiringStatement& statement) {
    expect_words(statement, 3, "connect FROM TO");
    Connection connection{.from = statement[1].text, .to = statement[2].text};
    std::size_t next = 3;
    const std::vector<std::string>& names = pairs_names();
    if (next < statement.size() && statement[next].text.find('=') == std::string::npos) {
      const auto found = std::ranges::find(names, statement[next].text);
      if (found == names.end())
        refuse_(statement[next].position,
                fmt::format("found {}, expected one of {}", in_quotes(statement[next].text),
                            fmt::join(names, ", ")));
      connection.pairs = static_cast<Pairs>(found - names.begin());
      ++next;
    }
    for (; next < statement.size(); ++next) read_option(statement[next], connection);
    wiring_.connections.push_back(connection);
    connections_.push_back(statement[1].position);
  }

  void read_option(const WiringWord& word, Connection& connection) const {
    const std::size_t equals = std::min(word.text.find('='), word.text.size());
    const std::string name = word.text.substr(0, equals);
    const std::string value = equals < word.text.size() ? word.text.substr(equals + 1) : "";
    if (name == "gater" && !value.empty() && connection.gater.empty()) {
      connection.gater = value;
      return;
    }
    std::optional<double>* const number = name == "weight"  ? &connection.weight
                                          : name == "start" ? &connection.start
                                                            : nullptr;
    if (number == nullptr || *number || value.empty())
      return refuse_(word.position,
                     fmt::format("found {}, expected gater=NAME, weight=NUMBER or start=NUMBER, each once",
                                 in_quotes(word.text)));
    double read = 0;
    const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), read);
    if (error != std::errc() || stop != value.data() + value.size() || !std::isfinite(read))
      refuse_(word.position, fmt::format("{}: found {}, expected a number", name, in_quotes(value)));
    *number = read;
  }

  void read_outputs(const WiringStatement& statement) {
    expect_words(statement, 2, "outputs NAME");
    if (!wiring_.outputs.empty())
      refuse_(statement[0].position, "outputs are given twice; name them all at once");
    for (std::size_t i = 1; i < statement.size(); ++i) {
      wiring_.outputs.push_back(statement[i].text);
      outputs_.push_back(statement[i].position);
    }
  }

  const RefuseWiring& refuse_;
  Wiring wiring_;
  std::vector<std::size_t> groups_, connections_, outputs_;  // where each was found
};

/// The words of a line [begin, end), parted by blanks; what follows a # is not read.
WiringStatement words_of(std::string_view text, std::size_t begin, std::size_t end,
                         const RefuseWiring& refuse) {
  WiringStatement words;
  bool inside = false;
  for (std::size_t at = begin; at < end && text[at] != '#'; ++at) {
    const char c = text[at];
    const bool blank = c == ' ' || c == '\t' || c == '\r';
    if (!blank && (c < 0x21 || c > 0x7e))
      refuse(at, fmt::format("found byte 0x{:02x}, expected printable ASCII", static_cast<unsigned char>(c)));
    if (!blank && !inside) words.push_back({"", at});
    if (!blank) words.back().text += c;
    inside = !blank;
  }
  return words;
}

}  // namespace

Wiring read_wiring(std::span<const WiringStatement> statements, std::size_t inputs, std::size_t end,
                   const RefuseWiring& refuse) {
  Reader reader(inputs, refuse);
  for (const WiringStatement& statement : statements) reader.read(statement);
  return reader.finish(end);
}

Wiring parse_wiring(std::string_view text, std::size_t inputs) {
  const RefuseWiring refuse = [&](std::size_t position, const std::string& message) {
    const std::string_view before = text.substr(0, position);
    const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
    throw SettingError(fmt::format("wiring, line {}, column {}: {}", 1 + std::ranges::count(before, '\n'),
                                   1 + position - line_begin, message));
  };
  if (text.size() > kMaxWiringBytes)
    refuse(kMaxWiringBytes,
           fmt::format("is {} bytes long, expected at most {}", text.size(), kMaxWiringBytes));
  std::vector<WiringStatement> statements;
  for (std::size_t begin = 0, end; begin < text.size(); begin = end + 1) {
    end = std::min(text.find('\n', begin), text.size());
    WiringStatement words = words_of(text, begin, end, refuse);
    if (!words.empty()) statements.push_back(std::move(words));
  }
  return read_wiring(statements, inputs, text.size(), refuse);
}

std::string to_text(const Wiring& wiring) {
  std::string text;
  for (const UnitGroup& group : wiring.groups)
    text += fmt::format("units {} {} {}\n", group.name, group.units, to_text(group.activation));
  for (const Connection& c : wiring.connections) {
    text += fmt::format("connect {} {} {}", c.from, c.to, pairs_names()[static_cast<std::size_t>(c.pairs)]);
    if (!c.gater.empty()) text += " gater=" + c.gater;
    if (c.weight) text += fmt::format(" weight={}", *c.weight);
    if (c.start) text += fmt::format(" start={}", *c.start);
    text += '\n';
  }
  return text + fmt::format("outputs {}\n", fmt::join(wiring.outputs, " "));
}

}  // namespace carousel
