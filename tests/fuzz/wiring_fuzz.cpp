// Any text: refused with a SettingError, or read; what was read is written and read again without a change,
// and can be run.
#include <carousel/error.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "layers/local_rule.h"
#include "layers/wiring_text.h"

namespace {

constexpr std::size_t kInputs = 3, kWorthRunning = 4096;

void run(const carousel::Wiring& wiring) {
  using namespace carousel;
  LstmG<float> layer(wiring);
  if (layer.circuit().weights() > kWorthRunning || layer.circuit().units() > kWorthRunning) return;
  ParameterTable table;
  layer.declare(table, "l");
  std::vector<float> weights(table.size()), gradient(table.size()), state(layer.state_size());
  std::vector<float> y(layer.outputs());
  layer.initialise(weights, 1);
  layer.pack(weights, {});
  LocalRule<float> rule(layer);
  if (rule.traces() > kWorthRunning * kWorthRunning) return;
  const float x[kInputs] = {0.5f, -1.0f, 2.0f};
  for (int t = 0; t < 3; ++t) {
    rule.step(x, state, y);
    rule.add_gradient(y, gradient);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  carousel::Wiring wiring;
  try {
    wiring = carousel::parse_wiring({reinterpret_cast<const char*>(data), size}, kInputs);
  } catch (const carousel::SettingError&) {
    return 0;
  }
  const std::string text = carousel::to_text(wiring);
  if (text.size() > carousel::kMaxWiringBytes) return 0;
  if (carousel::parse_wiring(text, kInputs) != wiring) std::abort();
  if (carousel::to_text(carousel::parse_wiring(text, kInputs)) != text) std::abort();
  run(wiring);
  return 0;
}
