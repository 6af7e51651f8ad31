// What the system tells of the machine: its processor and its caches.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace carousel {

/// "AMD EPYC 9354", from Linux's cpuinfo; where that is silent, the instruction set's name, such as
/// "aarch64".
std::string processor_name(const std::filesystem::path& cpuinfo = "/proc/cpuinfo");

/// A level of data cache, 1 nearest to the core.
struct Cache {
  std::size_t level, bytes;
  std::size_t shared_by;  ///< processors that have it together
};

/// Levels 1, 2, ... of the first processor, from Linux's sysfs, else from sysconf(). Empty where neither
/// tells.
std::vector<Cache> data_caches(const std::filesystem::path& sysfs = "/sys/devices/system/cpu/cpu0/cache");

}  // namespace carousel
