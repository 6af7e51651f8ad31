// Numbers for different texts, in the order in which they are first met.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace carousel {

/// Keeps its words in a list of the caller's.
class WordTable {
 public:
  explicit WordTable(std::vector<std::string>& words) : words_(words) {}
  std::uint32_t number(std::string_view word) {
    const auto found = numbers_.find(word);
    if (found != numbers_.end()) return found->second;
    const auto number = static_cast<std::uint32_t>(words_.size());
    words_.emplace_back(word);
    numbers_.emplace(word, number);
    return number;
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view word) const noexcept {
      return std::hash<std::string_view>{}(word);
    }
  };
  std::vector<std::string>& words_;
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> numbers_;
};

}  // namespace carousel
