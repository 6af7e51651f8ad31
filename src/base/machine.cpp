#include "base/machine.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string_view>

namespace carousel {

namespace {

/// The first line of a file; "" where it cannot be read.
std::string first_line(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// The number that a text begins with, cut off from it; 0 for none.
std::size_t take_number(std::string_view& text) {
  std::size_t value = 0;
  const char* const end = std::from_chars(text.data(), text.data() + text.size(), value).ptr;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

/// "32K", "2M".
std::size_t parse_bytes(std::string_view text) {
  const std::size_t number = take_number(text);
  if (text == "K") return number << 10;
  if (text == "M") return number << 20;
  return text.empty() ? number : 0;
}

/// Processors of a list such as "0-3,8-11"; at least 1.
std::size_t count_of_list(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    const std::size_t first = take_number(text);
    std::size_t last = first;
    if (text.starts_with('-')) {
      text.remove_prefix(1);
      last = take_number(text);
    }
    count += last < first ? 0 : last - first + 1;
    if (!text.starts_with(',')) break;
    text.remove_prefix(1);
  }
  return std::max<std::size_t>(count, 1);
}

std::vector<Cache> caches_by_sysconf() {
  std::vector<Cache> caches;
#ifdef _SC_LEVEL1_DCACHE_SIZE
  for (const int name : {_SC_LEVEL1_DCACHE_SIZE, _SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE}) {
    const long bytes = sysconf(name);
    if (bytes <= 0) break;
    caches.push_back({caches.size() + 1, static_cast<std::size_t>(bytes), 1});
  }
#endif
  return caches;
}

}  // namespace

std::string processor_name(const std::filesystem::path& cpuinfo) {
  std::ifstream file(cpuinfo);
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  utsname system{};
  return uname(&system) == 0 ? system.machine : "unknown processor";
}

std::vector<Cache> data_caches(const std::filesystem::path& sysfs) {
  std::vector<Cache> caches;
  for (std::size_t i = 0; std::filesystem::exists(sysfs / ("index" + std::to_string(i))); ++i) {
    const std::filesystem::path folder = sysfs / ("index" + std::to_string(i));
    if (first_line(folder / "type") == "Instruction") continue;
    const Cache cache{parse_bytes(first_line(folder / "level")), parse_bytes(first_line(folder / "size")),
                      count_of_list(first_line(folder / "shared_cpu_list"))};
    if (cache.level > 0 && cache.bytes > 0) caches.push_back(cache);
  }
  std::ranges::sort(caches, {}, &Cache::level);
  return caches.empty() ? caches_by_sysconf() : caches;
}

}  // namespace carousel
