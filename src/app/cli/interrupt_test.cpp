#include "app/cli/interrupt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

namespace carousel::cli {
namespace {

using ::testing::ExitedWithCode;
using ::testing::KilledBySignal;

TEST(InterruptGuardDeathTest, the_first_is_remembered_and_the_second_stops_at_once) {
  EXPECT_EXIT(
      {
        const InterruptGuard guard("this batch");
        std::raise(SIGTERM);
        if (InterruptGuard::signal() != SIGTERM) std::exit(1);
        std::raise(SIGINT);
        std::exit(2);
      },
      ExitedWithCode(128 + SIGINT), "stopping after this batch; once more stops at once");
}

TEST(InterruptGuardDeathTest, without_one_a_signal_does_what_it_always_does) {
  EXPECT_EXIT(
      {
        { const InterruptGuard guard("this batch"); }
        std::raise(SIGINT);
        std::exit(2);
      },
      KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace carousel::cli
