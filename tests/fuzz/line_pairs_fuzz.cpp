// Any bytes through the readers of lines and pairs and into symbols: an error of the library, or lines that
// are UTF-8 and can be put together again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "carousel/error.h"
#include "data/cells.h"
#include "data/line_pairs.h"
#include "data/line_symbols.h"

namespace {

void check(const std::string& line) {
  using namespace carousel;
  if (!is_utf8(line)) std::abort();
  for (const LineUnit unit : {LineUnit::character, LineUnit::word, LineUnit::token, LineUnit::piece}) {
    const std::string text = line_text(line_symbols(line, unit), unit);
    if ((unit == LineUnit::character || unit == LineUnit::piece) && text != line) std::abort();
    if (line_text(line_symbols(text, unit), unit) != text) std::abort();
  }
}

/// The first byte chooses policies, and whether the rest is one file of pairs or two of lines.
void read_all(std::uint8_t choice, std::string_view text) {
  using namespace carousel;
  const InvalidText policy = (choice & 1) != 0 ? InvalidText::replace : InvalidText::error;
  const std::size_t half = text.size() / 2;
  BadExampleList bad(BadExamples{.skipped = (choice & 4) != 0});
  const auto pairs = (choice & 2) != 0
                         ? read_line_pairs(ByteSource(text), "fuzz.tsv", policy, bad)
                         : read_line_pairs(ByteSource(text.substr(0, half)), "sources.txt",
                                           ByteSource(text.substr(half)), "targets.txt", policy, bad);
  for (const LinePair& pair : pairs) {
    check(pair.source);
    check(pair.target);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  try {
    read_all(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  } catch (const carousel::Error&) {
    // The one way in which bad input may end.
  }
  return 0;
}
