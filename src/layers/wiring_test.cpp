#include "layers/wiring.h"

#include <carousel/error.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "layers/lstm_wiring.h"
#include "layers/wiring_text.h"

namespace carousel {
namespace {

constexpr const char* kText =
    "# a counter\n"
    "units gate 1 sigmoid\n"
    "\tunits c 4 identity   # no squashing\r\n"
    "\n"
    "units u 2 hard_sigmoid:0.25:0.5\n"
    "connect x gate\n"
    "connect one gate start=-2.5\n"
    "connect c c self weight=1 gater=gate\n"
    "connect x c all gater=gate\n"
    "connect c u each\n"
    "outputs u c";

TEST(WiringText, IsReadAndWritten) {
  const Wiring wiring = parse_wiring(kText, 3);
  ASSERT_EQ(wiring.groups.size(), 3u);
  EXPECT_EQ(wiring.groups[1], (UnitGroup{"c", 4, {}}));
  EXPECT_EQ(wiring.groups[2].activation,
            (kernels::Activation{kernels::ActivationKind::hard_sigmoid, 0.25, 0.5}));
  ASSERT_EQ(wiring.connections.size(), 5u);
  EXPECT_EQ(wiring.connections[1], (Connection{.from = "one", .to = "gate", .start = -2.5}));
  EXPECT_EQ(wiring.connections[2],
            (Connection{.from = "c", .to = "c", .pairs = Pairs::self, .gater = "gate", .weight = 1}));
  EXPECT_EQ(wiring.outputs, (std::vector<std::string>{"u", "c"}));
  EXPECT_EQ(fan_in(wiring, wiring.connections[4]), 2u);
  EXPECT_EQ(parse_wiring(to_text(wiring), 3), wiring);
  EXPECT_EQ(to_text(wiring),
            "units gate 1 sigmoid\n"
            "units c 4 identity\n"
            "units u 2 hard_sigmoid:0.25:0.5\n"
            "connect x gate all\n"
            "connect one gate all start=-2.5\n"
            "connect c c self gater=gate weight=1\n"
            "connect x c all gater=gate\n"
            "connect c u each\n"
            "outputs u c\n");
}

TEST(WiringText, OfEveryWiredLstmIsReadBack) {
  for (const LstmPreset& preset : lstm_presets()) {
    if (std::ranges::find(lstm_wiring_names(), preset.name) == lstm_wiring_names().end()) continue;
    const Wiring wiring = lstm_wiring(5, 6, preset.options);
    EXPECT_FALSE(first_fault(wiring)) << preset.name;
    EXPECT_EQ(parse_wiring(to_text(wiring), 5), wiring) << preset.name;
  }
}

}  // namespace
}  // namespace carousel
