#include "kernels/target.h"

#include "carousel/error.h"
#include "kernels/dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/target.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace carousel::kernels {
namespace HWY_NAMESPACE {

/// The name that this compiled version goes by: what runs says itself what it is.
template <class T>
const char* own_name() {
  return hwy::TargetName(HWY_TARGET);
}

}  // namespace HWY_NAMESPACE
}  // namespace carousel::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace carousel::kernels {

CAROUSEL_KERNEL_TABLE(kOwnName, own_name);

constinit std::atomic<std::size_t> chosen_target{kTargetCount};

namespace {

bool cpu_runs(std::size_t target) {
  if (kOwnName<void>[target] == nullptr) return false;
  if (target == kScalar || target == kNeon) return true;  // NEON is part of every AArch64
#if HWY_ARCH_X86
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  if (target == kAvx2) return avx2;
  return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
#else
  return false;
#endif
}

/// "" where the target was not compiled.
std::string own_name(std::size_t target) {
  const auto name = kOwnName<void>[target];
  return name == nullptr ? "" : name();
}

}  // namespace

std::size_t choose_best_target() noexcept {
  std::size_t target = 0;
  while (!cpu_runs(target)) ++target;
  chosen_target.store(target, std::memory_order_relaxed);
  return target;
}

std::string target_name() { return own_name(target_index()); }

std::vector<std::string> available_targets() {
  std::vector<std::string> names;
  for (std::size_t target = 0; target < kTargetCount; ++target) {
    if (cpu_runs(target)) names.push_back(own_name(target));
  }
  return names;
}

void use_target(const std::string& name) {
  std::string known;
  for (std::size_t target = 0; target < kTargetCount; ++target) {
    if (!cpu_runs(target)) continue;
    if (own_name(target) == name) return chosen_target.store(target, std::memory_order_relaxed);
    known += (known.empty() ? "" : ", ") + own_name(target);
  }
  throw SettingError("[kernels] this CPU and build have no instruction set '" + name + "'; they have " +
                     known);
}

void use_best_target() { choose_best_target(); }

}  // namespace carousel::kernels
#endif
