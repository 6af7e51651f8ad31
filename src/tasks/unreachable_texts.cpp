#include "tasks/unreachable_texts.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include "base/counted.h"
#include "data/cells.h"
#include "losses/ctc.h"

namespace carousel {

void leave_out_unreachable(SequenceData& data, const std::function<std::size_t(std::size_t)>& output_length) {
  const auto reason = [&](const SequencePlace& place, const SequenceTargets& targets) -> std::string {
    std::vector<std::size_t> symbols;
    for (const std::int64_t symbol : targets.of(place))
      if (symbol >= 0) symbols.push_back(static_cast<std::size_t>(symbol));
    const std::size_t needed = ctc_steps(symbols), there = output_length(place.steps());
    if (needed <= there) return "";
    return fmt::format("found {} of the network, expected at least {} for a text of {}",
                       counted(there, "step", "steps"), grouped(needed),
                       counted(symbols.size(), "symbol", "symbols"));
  };
  for (SequencePart* part : {&data.train, &data.validation}) {
    const SequenceTargets targets(data.coding, *part);
    std::erase_if(*part, [&](const SequencePlace& place) {
      std::string why = reason(place, targets);
      if (why.empty()) return false;
      data.unreachable.push_back({place.example().name, std::move(why)});
      return true;
    });
  }
  if (data.train.empty())
    throw DataError(fmt::format(
        "{}: found no example to train on whose sequence is long enough for its text; the first is {}: {}",
        data.coding.settings.data, shown(data.unreachable.front().name, 200),
        data.unreachable.front().reason));
}

}  // namespace carousel
