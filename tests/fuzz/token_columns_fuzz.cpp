// Any text: refused with a DataError, or read as sequences with a label for every symbol, or for none.
#include <carousel/error.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "data/token_columns.h"

/// The first byte chooses the columns.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const carousel::TokenColumnsForm form{.symbol = data[0] % 4u, .label = data[0] / 4 % 4u};
  if (form.symbol == form.label) return 0;
  try {
    carousel::TokenColumnsReader reader(std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1),
                                        "fuzz.txt", form);
    while (const auto sequence = reader.next()) {
      const std::size_t labels = sequence->labels.size();
      if (sequence->symbols.empty() || (labels != 0 && labels != sequence->symbols.size())) std::abort();
    }
  } catch (const carousel::DataError&) {
    // The one way in which bad input may end.
  }
  return 0;
}
