#include "app/cli/shell_words.h"

#include "app/cli/terminal.h"

namespace carousel::cli {

std::string shell_word(const std::string& word) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./,:=@%+").find(c) != std::string_view::npos;
  };
  bool all_plain = !word.empty();
  std::string quoted = "'";
  for (const char c : word) {
    all_plain = all_plain && plain(c);
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return all_plain ? word : one_line(quoted) + "'";
}

}  // namespace carousel::cli
