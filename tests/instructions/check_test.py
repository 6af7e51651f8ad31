#!/usr/bin/env python3
"""check.py on made-up counts, and with a made-up valgrind."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import check

COUNTS = """# a comment
GNU-12   product 1000  first count
GNU-12   gates   200   faster: two vectors at once
Clang-14 product 1100  first count
"""


class Compare(unittest.TestCase):
    def compare(self, compiler="GNU-12", **measured):
        return check.compare(check.read_counts(COUNTS), compiler, measured)

    def test_what_was_recorded_passes(self):
        problems, remarks = self.compare(product=1000, gates=200)
        self.assertEqual(problems, [])
        self.assertIn("product: 1000 instructions recorded, 1000 now (+0.0 %)", remarks)

    def test_a_rise_above_5_percent_fails_and_names_kernel_before_and_after(self):
        self.assertEqual(self.compare(product=1050, gates=200)[0], [])
        problems, _ = self.compare(product=1051, gates=200)
        self.assertEqual(problems, ["product: 1000 instructions recorded, 1051 now (+5.1 %); a rise of 5 % is allowed"])

    def test_a_fall_above_5_percent_is_worth_recording(self):
        self.assertNotIn("worth", " ".join(self.compare(product=950, gates=200)[1]))
        problems, remarks = self.compare(product=949, gates=200)
        self.assertEqual(problems, [])
        self.assertIn("product: 1000 instructions recorded, 949 now (-5.1 %); worth recording", remarks)

    def test_other_compilers_have_their_own_counts(self):
        self.assertEqual(self.compare("Clang-14", product=1150)[0], [])
        self.assertEqual(len(self.compare("Clang-14", product=1156)[0]), 1)

    def test_kernels_without_counts_and_counts_without_kernels_fail(self):
        problems, _ = self.compare(product=1000, softmax=7)
        self.assertEqual(len(problems), 2)
        self.assertIn("gates: counts.txt has a line", problems[0])
        self.assertIn("softmax: 7 instructions, and no line", problems[1])


class Counts(unittest.TestCase):
    def test_a_line_without_a_reason_is_refused(self):
        for line in ("GNU-12 product 1000", "GNU-12 product 1000  ", "GNU-12 product many why", "GNU-12 product 0 why"):
            with self.assertRaisesRegex(ValueError, "counts.txt:2: expected"):
                check.read_counts("\n" + line)
        with self.assertRaisesRegex(ValueError, "twice"):
            check.read_counts(COUNTS + "GNU-12 product 1 again")

    def test_recording_replaces_one_line_and_keeps_the_others(self):
        text = check.with_counts(COUNTS, "GNU-12", {"product": 1200}, "handles narrow panels")
        before, after = check.read_counts(COUNTS), check.read_counts(text)
        self.assertEqual(after.pop(("GNU-12", "product")), check.Count(1200, "handles narrow panels"))
        del before["GNU-12", "product"]
        self.assertEqual(after, before)
        self.assertTrue(text.startswith("# a comment\n"))

    def test_recording_adds_a_compiler(self):
        text = check.with_counts(COUNTS, "GNU-13", {"product": 900, "gates": 190}, "first count")
        self.assertEqual(check.read_counts(text), {**check.read_counts(COUNTS), ("GNU-13", "product"): check.Count(900, "first count"),
                                                   ("GNU-13", "gates"): check.Count(190, "first count")})

    def test_recording_needs_a_reason(self):
        for reason in ("", "  ", "two\nlines"):
            with self.assertRaisesRegex(ValueError, "why"):
                check.with_counts(COUNTS, "GNU-12", {"product": 1200}, reason)


# Four calls of a kernel; how many instructions they take, a file says.
PROGRAM = '#!/bin/sh\n[ -n "$1" ] && echo "4 calls" || printf "product\\ngates\\n"\n'
VALGRIND = """#!/bin/sh
for word; do
  case $word in --callgrind-out-file=*) out=${word#*=} ;; esac
  last=$word
done
echo "totals: $(cat "$FOLDER/$last")" >"$out"
echo "4 calls"
"""


class Program(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        for name, text in (("valgrind", VALGRIND), ("calls", PROGRAM), ("counts.txt", COUNTS)):
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o755)
        shutil.copy(Path(check.__file__), self.folder / "check.py")

    def check(self, *words, product=1000, gates=200, path=None):
        for name, instructions in (("product", product), ("gates", gates)):
            (self.folder / name).write_text(str(4 * instructions))
        path = path or f"{self.folder}:{os.environ['PATH']}"
        done = subprocess.run([sys.executable, "-B", self.folder / "check.py", *words, self.folder / "calls"],
                              capture_output=True, text=True, env={**os.environ, "PATH": path, "FOLDER": str(self.folder)})
        return done.returncode, done.stdout + done.stderr

    def test_status_and_what_to_do(self):
        self.assertEqual(self.check("GNU-12")[0], 0)
        status, output = self.check("GNU-12", product=1100)
        self.assertEqual(status, 1)
        for part in ("product: 1000 instructions recorded, 1100 now (+10.0 %)", "check.py --record KERNEL 'REASON' GNU-12"):
            self.assertIn(part, output)
        status, output = self.check("GNU-12", product=900)
        self.assertEqual(status, 0)
        self.assertIn("--record", output)

    def test_recorded_it_passes(self):
        self.assertEqual(self.check("--record", "product", "it must be so", "GNU-12", product=1100)[0], 0)
        self.assertEqual(self.check("GNU-12", product=1100)[0], 0)
        self.assertIn("it must be so", (self.folder / "counts.txt").read_text())

    def test_a_compiler_without_counts_is_not_passed(self):
        status, output = self.check("GNU-13")
        self.assertEqual(status, 77)
        self.assertIn("no counts for GNU-13, only for Clang-14, GNU-12", output)
        self.assertIn("--record all", output)

    def test_without_valgrind_it_is_not_passed(self):
        status, output = self.check("GNU-12", path="/nowhere")
        self.assertEqual(status, 77)
        self.assertIn("valgrind is not installed", output)

    def test_a_program_that_counts_nothing_fails(self):
        status, output = self.check("GNU-12", product=0)
        self.assertEqual(status, 1)
        self.assertIn("did not see measured_calls", output)


if __name__ == "__main__":
    unittest.main()
