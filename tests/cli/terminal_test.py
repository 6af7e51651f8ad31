"""What a terminal shows: a bar redrawn in place that never gets wider than the window; colours only there."""
import fcntl
import os
import pty
import re
import struct
import termios
import unittest

from support import TRAINING, CliCase, environment

ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def set_size(terminal, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


class OnATerminal(CliCase):
    def run_on_terminal(self, *words, columns=80, resized=None, **variables):
        """What it wrote to a terminal of that width, which gets another one after the first redraw."""
        terminal, end = pty.openpty()
        set_size(terminal, columns)
        process = self.start(*words, stdout=end, stderr=end, stdin=end, env=environment(TERM="xterm", **variables))
        os.close(end)
        text = b""
        while True:
            try:
                piece = os.read(terminal, 65536)
            except OSError:  # Linux tells so that the other end is closed
                break
            if not piece:
                break
            text += piece
            if resized is not None and text.count(b"\r\x1b[K") >= 1:
                set_size(terminal, resized)
                resized = None
        os.close(terminal)
        self.assertEqual(process.wait(), 0, text)
        return text.decode()

    def bars(self, text):
        """Every state of the bar, without escape codes."""
        return [ESCAPE.sub("", piece).split("\r\n")[0] for piece in text.split("\r\x1b[K")[1:]]

    def train_words(self):
        return ["train", "forecast", "sales.csv", "--target", "sold", *TRAINING, "--out", "runs/a"]

    def test_bar_fits_every_width(self):
        for columns in (20, 40, 80, 200):
            with self.subTest(columns=columns):
                text = self.run_on_terminal(*self.train_words(), "--overwrite", columns=columns)
                bars = self.bars(text)
                self.assertGreaterEqual(len(bars), 12, "at least one state an epoch")
                self.assertLess(max(map(len, bars)), columns)
                self.assertIn("100 %", bars[-1])
                # Redrawn in place: between two states there is no line end.
                drawn = text[text.index("\r\x1b[K"):text.rindex("\r\x1b[K")]
                self.assertNotIn("\n", drawn)

    def test_bar_says_rate_loss_and_time_left(self):
        bar = self.bars(self.run_on_terminal(*self.train_words(), columns=120))[-1]
        self.assertRegex(bar, r"^epoch 12/12  #+  100 %  loss \S+  validation \S+  [\d,.]+/s  0:00 left$")

    def test_unicode_only_where_the_locale_has_it(self):
        text = self.run_on_terminal(*self.train_words(), LANG="C.UTF-8")
        self.assertIn("━", text)

    def test_narrower_window(self):
        text = self.run_on_terminal(*self.train_words(), columns=100, resized=40)
        self.assertLess(len(self.bars(text)[-1]), 40)

    def test_colours_only_on_a_terminal_and_unless_forbidden(self):
        colour = re.compile(r"\x1b\[[0-9;]+m")
        self.train("runs/a", options=TRAINING)
        self.assertRegex(self.run_on_terminal("evaluate", "runs/a"), colour)
        self.assertNotRegex(self.run_on_terminal("evaluate", "runs/a", NO_COLOR="1"), colour)
        self.assertNotRegex(self.run_on_terminal(*self.train_words(), "--overwrite", NO_COLOR="1"), colour)
        out, err = self.run_program("evaluate", "runs/a", env=environment(TERM="xterm"))
        self.assertNotIn("\x1b", out + err)

    def test_tables_fit(self):
        self.train("runs/a", options=TRAINING)
        for columns in (40, 60, 80):
            for words in (["evaluate", "runs/a"], ["train", "forecast", "--help"]):
                text = ESCAPE.sub("", self.run_on_terminal(*words, columns=columns)).split("Examples")[0]
                self.assertLessEqual(max(map(len, text.split("\r\n"))), columns, text)

    def test_bench_fits(self):
        text = self.run_on_terminal("bench", "--seconds", "1", "--threads", "2", columns=40)
        bars = self.bars(text)
        self.assertRegex(bars[-1], r"^#[#.]*  +\d+ %  \d+:\d\d left$")
        self.assertLess(max(map(len, bars)), 40)
        table = ESCAPE.sub("", text[text.index("carousel "):])
        self.assertLessEqual(max(map(len, table.split("\r\n"))), 40, table)
        # What a row is of stands at its numbers, the threads included.
        for work in ("64x50x8; lstm 64; 1", "64x50x8; lstm 64; 2 rows"):
            self.assertEqual(len(re.findall(r"\n" + re.escape(work) + r"\r\n +[\d.]+ ", table)), 1, table)

    def test_dumb_terminal_gets_lines(self):
        terminal, end = pty.openpty()
        process = self.start(*self.train_words(), stderr=end, env=environment(TERM="dumb"))
        os.close(end)
        process.communicate()
        text = os.read(terminal, 65536).decode()
        os.close(terminal)
        self.assertNotIn("\x1b", text)
        self.assertIn("epoch 12/12", text)


if __name__ == "__main__":
    unittest.main()
