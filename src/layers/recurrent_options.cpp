#include "layers/recurrent_options.h"

#include <fmt/format.h>

namespace carousel {

std::string to_text(const RecurrentOptions& options) {
  std::string text;
  const auto say = [&](const char* name, double rate) {
    if (rate > 0) text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, rate);
  };
  say("variational_dropout", options.variational_dropout);
  say("zoneout_hidden", options.zoneout_hidden);
  say("zoneout_cell", options.zoneout_cell);
  say("drop_connect", options.drop_connect);
  say("weight_noise", options.weight_noise);
  if (options.learned_start) text += fmt::format("{}learned_start=on", text.empty() ? "" : " ");
  return text;
}

}  // namespace carousel
