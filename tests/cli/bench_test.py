"""carousel bench: what its figures have to do with each other, whatever the machine."""
import os
import re
import resource
import signal
import unittest

from support import CliCase

SHORT = ["bench", "--seconds", "1"]


def operations(work):
    """Of the matrix products of a pass, from the names of its layers: a multiply-add is two."""
    inputs, total = work["F"], 0
    for layer in work["layers"].split(", "):
        kind, size = layer.split()
        size = int(size)
        total += 2 * (4 * size * (inputs + size) if kind == "lstm" else size * inputs)
        inputs = size
    return total * work["B"] * work["T"] * (3 if work["work"] == "training" else 1)


class Bench(CliCase):
    def assert_close(self, a, b):
        self.assertLess(abs(a - b), 1e-6 * abs(b), (a, b))

    def test_json_has_every_figure_in_its_unit(self):
        report = self.json_of(*SHORT, "--threads", "2")
        self.assertEqual(list(report), ["version", "processor", "processors", "kernels", "caches_known", "rounds", "limits", "works"])
        self.assertRegex(report["version"], r"^\d+\.\d+\.\d+$")
        self.assertIn(report["kernels"], ("AVX3", "AVX2", "NEON", "SCALAR"))
        self.assertGreaterEqual(report["rounds"], 1)
        self.assertEqual([limit["threads"] for limit in report["limits"]], [1, 2])
        for limit in report["limits"]:
            self.assertGreater(limit["gflop_per_s"], 0)
            self.assertEqual([read["from"] for read in limit["read"]][-1], "memory")
            sizes = [read["bytes_per_thread"] for read in limit["read"]]
            self.assertEqual(sizes, sorted(sizes))
            self.assertGreater(min(read["gb_per_s"] for read in limit["read"]), 0)
        for work in report["works"]:
            self.assertEqual(list(work), ["work", "B", "T", "F", "layers", "threads", "schedule", "gflop", "time_ms", "gflop_per_s",
                                          "share_of_limit", "steps_per_s"])
            self.assert_close(work["gflop"], operations(work) * 1e-9)
            self.assert_close(work["gflop_per_s"], work["gflop"] / (work["time_ms"] * 1e-3))
            self.assert_close(work["steps_per_s"], work["B"] * work["T"] / (work["time_ms"] * 1e-3))
            self.assertGreater(work["share_of_limit"], 0)
            # One sequence of a small layer is one thread's work, however many there are.
            alone = work["threads"] == 1 or (work["B"] == 1 and work["layers"] in ("lstm 40", "lstm 128"))
            self.assertIn(work["schedule"], (None,) if alone else ("rows", "units", "steps", "heads", "directions", "layers"))
        # One after another on one thread and on all; steps on one alone.
        threads = {}
        for work in report["works"]:
            threads.setdefault((work["work"], work["B"], work["T"], work["layers"]), []).append(work["threads"])
        for (kind, *_), numbers in threads.items():
            self.assertEqual(numbers, [1] if kind == "step" else [1, 2])
        self.assertEqual([kind for kind, *_ in threads], 4 * ["inference"] + 4 * ["training"] + 5 * ["step"])

    def test_table_holds_them_all(self):
        out, err = self.run_program(*SHORT, "--threads", "1")
        self.assertEqual(err, "measuring for about 1 s\n")
        for part in ("carousel ", " on ", "medians of", "multiply-adds, GFLOP/s", "reading memory, GB/s", "Inference", "Training",
                     "One step", "ms", "ns", "of limit", "steps/s", "1x100x512; lstm 512, lstm 512", "lstm 64, dense 1"):
            self.assertIn(part, out)
        self.assertEqual(len(re.findall(r"\d %", out)), 13)
        self.assertLessEqual(max(map(len, out.splitlines())), 80)
        self.assertNotIn("2 threads", out)
        self.assertNotIn("\x1b", out + err)

    def test_quiet_and_reader_that_goes_away(self):
        process = self.start(*SHORT, "--threads", "1", "--quiet")
        process.stdout.close()
        err = process.stderr.read()
        process.stderr.close()
        self.assertEqual((process.wait(), err), (1, b""))

    def test_ctrl_c_ends_it_with_its_own_status(self):
        process = self.start("bench", "--seconds", "3600", "--threads", "1")
        self.assertTrue(process.stderr.readline())
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
        self.assertEqual(process.returncode, 130)
        self.assertIn(b"stopping after this measurement", err)
        self.assertTrue(out.startswith(b"carousel ") or b"no result" in err, (out, err))

    def test_wrong_flags(self):
        for words in (["--seconds", "0"], ["--seconds", "soon"], ["--seconds", "1.5"], ["--seconds", "1000000"], ["--threads", "0"]):
            with self.subTest(words=words):
                self.assert_refused(["bench", *words], 2, words[0])
        self.assert_refused(["bench", "--second", "3"], 2, "--second", "--seconds")
        self.assert_refused(["bench", "everything"], 2, "'everything'")
        self.assert_refused(["bench", "--seed", "3"], 2, "there is no option --seed")

    def test_help_says_what_threads_do_here(self):
        text = " ".join(self.run_program("bench", "--help")[0].split())
        self.assertIn("threads to measure, beside one; each reads 32 MiB", text)
        self.assertNotIn("--seed", text)

    @unittest.skipIf(
        os.environ["CAROUSEL_SANITIZE"] != "",
        "sanitizers take address space without end; the other builds run this",
    )
    def test_too_little_memory_says_what_helps(self):
        """24 threads have 32 MiB each to read, and 700 MiB there are."""
        limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (700 << 20, 700 << 20))
        self.assert_refused(["bench", "--threads", "24", "--quiet"], 1, "not enough memory", "fewer --threads", preexec_fn=limit)


if __name__ == "__main__":
    unittest.main()
