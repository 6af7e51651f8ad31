"""The built program run as a user runs it, and small data to run it on."""
import json
import math
import os
import resource
import subprocess
import tempfile
import unittest
from pathlib import Path

PROGRAM = os.environ["CAROUSEL"]
PROJECT = Path(__file__).resolve().parent.parent.parent

# A run of about a second: long enough to be stopped in the middle.
TRAINING = ["--horizon", "3", "--context", "12", "--hidden", "12", "--batch", "16", "--epochs", "12",
            "--updates-per-epoch", "30", "--patience", "0"]
# One that is over at once.
SHORT = TRAINING + ["--epochs", "2", "--updates-per-epoch", "5"]


def environment(**changes):
    """Like a bare login: no colours asked for or forbidden, English, ASCII."""
    kept = {name: value for name, value in os.environ.items()
            if name not in ("NO_COLOR", "TERM", "LANG", "LC_ALL", "LC_CTYPE", "COLUMNS")}
    return {**kept, **changes}


def waves(rows=240):
    """A CSV text: a wave with a trend, one row a day."""
    lines = ["day,sold,price"]
    month_days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    year, month, day = 2021, 1, 1
    for row in range(rows):
        sold = 100 + 0.1 * row + 20 * math.sin(2 * math.pi * row / 7) + (row * 7919 % 13)
        lines.append(f"{year}-{month:02}-{day:02},{sold:.2f},{3 + row % 5}")
        day += 1
        if day > month_days[month - 1]:
            month, day = month + 1, 1
        if month > 12:
            year, month = year + 1, 1
    return "\n".join(lines) + "\n"


class CliCase(unittest.TestCase):
    """Each test runs in an empty folder of its own that holds only sales.csv."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="carousel_cli_")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "sales.csv").write_text(waves())

    def start(self, *words, env=None, **options):
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        process = subprocess.Popen([PROGRAM, *map(str, words)], cwd=self.folder, env=env or environment(), **options)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                self.addCleanup(pipe.close)
        return process

    def run_program(self, *words, status=0, stdin="", env=None, **options):
        """(standard output, standard error) as text, after the exit status has been checked."""
        process = self.start(*words, env=env, **{"stdin": subprocess.PIPE, **options})
        out, err = (part.decode() if part is not None else "" for part in process.communicate(stdin.encode()))
        self.assertEqual(process.returncode, status, f"carousel {' '.join(map(str, words))}\n{out}\n{err}")
        return out, err

    def train(self, out, *words, options=SHORT, **more):
        return self.run_program("train", "forecast", "sales.csv", "--target", "sold", *options, "--out", out, *words, **more)

    def model(self, run):
        return (self.folder / run / "model.safetensors").read_bytes()

    def assert_one_line(self, text, *parts):
        self.assertEqual(text.count("\n"), 1, text)
        self.assertTrue(text.startswith("carousel: "), text)
        for part in parts:
            self.assertIn(part, text)

    def assert_refused(self, words, status, *parts, **options):
        """Nothing on standard output, one line on standard error."""
        out, err = self.run_program(*words, status=status, **options)
        self.assertEqual(out, "")
        self.assert_one_line(err, *parts)

    def assert_no_baselines(self, run, data, judged, why):
        """The model's scores are those that were judged, beside no baseline, and it is said why."""
        alone = self.json_of("evaluate", run, data)
        self.assertEqual(alone["model"], judged["model"])
        self.assertEqual((alone["baselines"], alone["beats_baselines"]), ({}, None))
        out, _ = self.run_program("evaluate", run, data)
        self.assertIn(f"no baseline: the data that it was trained on, which they learn from, {why}", " ".join(out.split()))

    def json_of(self, *words, **options):
        """Standard output must be one JSON value, without NaN or Infinity, and nothing else."""
        out, _ = self.run_program(*words, "--json", **options)
        self.assertEqual(out.count("\n"), 1, out)

        def refuse(name):
            raise ValueError(f"{name} is not JSON")
        return json.loads(out, parse_constant=refuse)


def limit_file_size(limit):
    """For preexec_fn: no file may grow beyond so many bytes, as on a full disk."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
