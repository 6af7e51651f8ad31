// Examples that cannot be learned from: the first one is refused by its name, or all are left out and told
// of.
#pragma once

#include <carousel/error.h>

#include <string>
#include <string_view>
#include <vector>

namespace carousel {

/// An example that cannot be learned from, and why.
struct BadExample {
  std::string name, reason;
};

/// What becomes of them.
struct BadExamples {
  bool skipped = false;
  std::string_view advice = {};  ///< a literal that ends the message of one that is refused
};
/// As people decide who can go on without them.
constexpr BadExamples skip_bad(bool skipped) noexcept {
  return {skipped, "; --skip-bad goes on without such examples"};
}

/// Those of one set of data.
class BadExampleList {
 public:
  explicit BadExampleList(const BadExamples& rule = {}) : rule_(rule) {}

  /// Throws DataError naming it where they are refused.
  void add(BadExample one);
  /// Calls read; whether it threw nothing. An Error of it is what is wrong with the example of this name.
  template <class Read>
  bool take(const std::string& name, const Read& read) {
    try {
      read();
      return true;
    } catch (const Error& error) {
      add_error(name, error.what());
      return false;
    }
  }
  const std::vector<BadExample>& list() const noexcept { return list_; }

 private:
  void add_error(const std::string& name, const std::string& text);

  BadExamples rule_;
  std::vector<BadExample> list_;
};

/// What an error says behind the name of its example, with which, in a folder or not, it may begin. Of an
/// example that begins at a line of a file, "in line 7: ..." where it speaks of another line of that.
std::string without_name(const std::string& name, const std::string& text);

/// "left out: 2 bad examples", and the first of them, a line each; nothing of none.
std::vector<std::string> left_out_lines(const std::vector<BadExample>& bad);
/// The first so many, each under the line before, and how many more there are.
void list_examples(const std::vector<BadExample>& bad, std::size_t most, std::vector<std::string>& lines);
/// For the end of a message that there is nothing else: "; 2 bad examples were left out, the first is ...".
std::string first_left_out(const std::vector<BadExample>& bad);

}  // namespace carousel
