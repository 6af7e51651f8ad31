// What is known of the terminal at a standard stream: whether there is one, how wide, whether it shows
// colours.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace carousel::cli {

class Terminal {
 public:
  /// descriptor: 1 standard output, 2 standard error.
  explicit Terminal(int descriptor);

  bool is_terminal() const noexcept { return is_terminal_; }
  /// Only on a terminal, and not where NO_COLOR is set (https://no-color.org).
  bool colours() const noexcept { return colours_; }
  /// Whether the locale is UTF-8; otherwise bars are drawn in ASCII.
  bool utf8() const noexcept { return utf8_; }
  /// Columns at this moment, so that a resized window counts at once; 80 where there is no terminal.
  std::size_t columns() const noexcept;

 private:
  int descriptor_;
  bool is_terminal_, colours_, utf8_;
};

enum class Style { bold, dim, green, yellow, red };

/// The text in a style, or as it is where colours are off.
std::string styled(std::string_view text, Style style, bool colours);

/// Code points of a UTF-8 text without escape codes: the columns it takes.
std::size_t text_width(std::string_view text) noexcept;

/// For names and messages that may come from a hostile file: control characters become \xNN, so that the
/// text stays on one line and no terminal obeys it.
std::string one_line(std::string_view text);

/// Words on lines of at most `width` columns (a longer word stands alone), each line after `indent` blanks.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width);
/// Each of them wrapped, so far set in as its own first word, and ended.
std::string wrapped_lines(const std::vector<std::string>& lines, std::size_t width);

}  // namespace carousel::cli
