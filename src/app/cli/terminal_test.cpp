#include "app/cli/terminal.h"

#include <gtest/gtest.h>

#include "app/cli/shell_words.h"

namespace carousel::cli {
namespace {

TEST(OneLine, ControlsBecomeVisible) {
  EXPECT_EQ(one_line("a\nb\x1b[2Jc\x7f"), "a\\x0ab\\x1b[2Jc\\x7f");
  EXPECT_EQ(one_line("\xC2\x9B 31m"), "\\x9b 31m");
  EXPECT_EQ(one_line("Zürich ━"), "Zürich ━");
}

TEST(Wrapped, LinesFit) {
  EXPECT_EQ(wrapped("one two three four", 0, 9), "one two\nthree\nfour");
  EXPECT_EQ(wrapped("one two", 2, 6), "  one\n  two");
  EXPECT_EQ(wrapped("unbreakable x", 1, 5), " unbreakable\n x");
  EXPECT_EQ(wrapped("", 4, 10), "");
  EXPECT_EQ(wrapped("äöü äöü", 0, 7), "äöü äöü");
}

TEST(Styled, PlainWithoutColours) {
  EXPECT_EQ(styled("text", Style::green, false), "text");
  EXPECT_EQ(styled("text", Style::green, true), "\x1b[32mtext\x1b[0m");
}

TEST(ShellWord, QuotedWhereAShellWouldReadIt) {
  EXPECT_EQ(shell_word("runs/air-2_b.csv"), "runs/air-2_b.csv");
  EXPECT_EQ(shell_word("my data.csv"), "'my data.csv'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word("$(rm)"), "'$(rm)'");
  EXPECT_EQ(shell_word(""), "''");
}

}  // namespace
}  // namespace carousel::cli
