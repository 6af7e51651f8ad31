#include "app/cli/left_out.h"

#include <fmt/format.h>

#include "app/cli/terminal.h"
#include "base/counted.h"

namespace carousel::cli {

std::string left_out_text(const std::vector<BadExample>& bad, std::size_t width) {
  if (bad.empty()) return "";
  return wrapped(fmt::format("{} left out.", counted(bad.size(), "bad example", "bad examples")), 0, width) +
         '\n';
}

nlohmann::ordered_json left_out_json(const std::vector<BadExample>& bad) {
  auto list = nlohmann::ordered_json::array();
  for (const BadExample& one : bad) list.push_back({{"example", one.name}, {"reason", one.reason}});
  return list;
}

}  // namespace carousel::cli
