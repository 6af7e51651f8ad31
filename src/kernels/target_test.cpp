#include "kernels/target.h"

#include <gmock/gmock.h>

#include "carousel/error.h"
#include "kernels/kernel_testing.h"

namespace carousel::kernels {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

TEST(Target, EveryAvailableOneCanBeForcedAndSaysItsOwnName) {
  for (const std::string& name : available_targets()) {
    const ForcedTarget forced(name);
    EXPECT_EQ(target_name(), name);  // reported by the code compiled for that target
  }
}

TEST(Target, ScalarIsAlwaysThereAndTheBestIsUsedAtFirst) {
  ASSERT_FALSE(available_targets().empty());
  EXPECT_EQ(available_targets().back(), "SCALAR");
  EXPECT_EQ(target_name(), available_targets().front());
}

TEST(Target, TheInstructionSetOfThisCpuIsFound) {
#if defined(__aarch64__)
  EXPECT_THAT(available_targets(), Contains("NEON"));
#elif defined(__x86_64__)
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  EXPECT_EQ(avx2, ::testing::Value(available_targets(), Contains("AVX2")));
#ifdef CAROUSEL_WITHOUT_AVX3
  const bool avx3 = false;
#else
  const bool avx3 = __builtin_cpu_supports("avx512bw");
#endif
  EXPECT_EQ(avx3, ::testing::Value(available_targets(), Contains("AVX3")));
#endif
}

TEST(Target, AnUnknownNameIsRefusedWithTheKnownOnes) {
  try {
    use_target("SSE4");  // exists, but has no fused multiply-add
    FAIL();
  } catch (const SettingError& error) {
    EXPECT_THAT(error.what(), HasSubstr("SSE4"));
    EXPECT_THAT(error.what(), HasSubstr("SCALAR"));
  }
  EXPECT_EQ(target_name(), available_targets().front());
}

}  // namespace
}  // namespace carousel::kernels
