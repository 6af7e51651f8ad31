"""A detector as a user meets it: train detect, evaluate with labels, predict on a file and on a stream, resume, report."""
import json
import math
import signal
import unittest
from datetime import datetime, timedelta

from support import CliCase

START = datetime(2024, 1, 1)
FLAT = range(600, 620)  # hours in which the wave stands still; the test part begins at 560
SMALL = ["--target", "load", "--context", "24", "--hidden", "12", "--dropout", "0", "--batch", "16", "--epochs", "4",
         "--updates-per-epoch", "25", "--learning-rate", "0.02", "--short", "5", "--gap", "12"]


def hour(row):
    return (START + timedelta(hours=row)).strftime("%Y-%m-%d %H:%M:%S")


def load(row):
    if row in FLAT:
        return 50
    phase = 2 * math.pi * (row % 24) / 24
    return 50 + 10 * math.sin(phase) + 4 * math.cos(2 * phase) + row * 7919 % 13 / 13


CSV = "time,load\n" + "".join(f"{hour(row)},{load(row):.3f}\n" for row in range(700))
LABELS = json.dumps({"plant/load.csv": [[hour(FLAT[0]) + ".000000", hour(FLAT[-1]) + ".000000"]]})


class Detect(CliCase):
    def setUp(self):
        super().setUp()
        (self.folder / "load.csv").write_text(CSV)
        (self.folder / "windows.json").write_text(LABELS)

    def train(self, *words):
        return self.run_program("train", "detect", "load.csv", *SMALL, *words)

    def test_from_a_series_to_its_windows(self):
        for method in ("residual", "autoencoder"):
            out, err = self.train("--method", method, "--labels", "windows.json", "--out", method)
            for part in ("140 rows of load on the test part of load.csv: 1 window", "windows hit", "false alarms",
                         "seasonal naive", "2024-01-26", f"predict  carousel predict {method} load.csv"):
                self.assertIn(part, out)
            for part in ("data: load.csv, 700 rows, hourly", "detect: load by ", "epoch 4/4"):
                self.assertIn(part, err)
            page = (self.folder / method / "report.html").read_text()
            for part in ("What was found", "Over time", "Windows from near", "Errors", "Training", "labelled"):
                self.assertIn(part, page)
            judged = self.json_of("evaluate", method)
            self.assertEqual((judged["part"], judged["rows"], judged["labelled"]), ("test", 140, 1))
            self.assertEqual((judged["model"]["hit"], judged["model"]["false_alarms"]), (1, 0))
            window, = judged["windows"]
            self.assertTrue(hour(FLAT[0]) <= window["begin"] <= hour(FLAT[-1]), window)
            self.assertTrue(window["begin"] <= window["peak"] <= window["end"], window)
            self.assertEqual("forecast" in judged, method == "residual")

    def test_another_file_with_and_without_labels(self):
        self.train("--quiet")
        (self.folder / "other.csv").write_text(CSV)
        plain = self.json_of("evaluate", "runs/load", "other.csv")
        self.assertEqual((plain["part"], plain["trained_on"], plain["rows"]), ("all", True, 700))
        self.assertNotIn("labelled", plain)
        (self.folder / "windows.csv").write_text(f"begin,end\n{hour(FLAT[0])},{hour(FLAT[-1])}\n")
        out, _ = self.run_program("evaluate", "runs/load", "other.csv", "--labels", "windows.csv")
        self.assertIn("windows hit", out)

    def test_standard_input_is_judged(self):
        self.train("--quiet")
        (self.folder / "windows.csv").write_text(f"begin,end\n{hour(FLAT[0])},{hour(FLAT[-1])}\n")
        (self.folder / "other.csv").write_text(CSV)
        words = ["--labels", "windows.csv"]
        of_file = self.json_of("evaluate", "runs/load", "other.csv", *words)
        of_stream = self.json_of("evaluate", "runs/load", "-", *words, stdin=CSV)
        self.assertEqual((of_file.pop("data"), of_stream.pop("data")), ("other.csv", "-"))
        for one in (of_file, of_stream):
            one.pop("trained_on")
        self.assertEqual(json.dumps(of_stream).replace('"-"', '"other.csv"'), json.dumps(of_file))

    def test_a_stream_gives_the_same_numbers_as_the_file(self):
        self.train("--quiet")
        whole, _ = self.run_program("predict", "runs/load", "load.csv")
        self.assertTrue(whole.startswith("time,load,load expected,error,score,anomaly\n2024-01-01,"), whole[:200])
        self.assertEqual(whole.count("\n"), 701)
        anomalies = [line for line in whole.splitlines() if line.endswith(",1")]
        self.assertTrue(any(line.startswith("2024-01-26") for line in anomalies))
        stream, _ = self.run_program("predict", "runs/load", "-", stdin=CSV)
        self.assertEqual(stream, whole)
        lines, _ = self.run_program("predict", "runs/load", "load.csv", "--json")
        rows = [json.loads(line) for line in lines.splitlines()]
        self.assertEqual(len(rows), 700)
        self.assertIsNone(rows[0]["score"])
        self.assertEqual([row["anomaly"] for row in rows].count(True), len(anomalies))
        again, _ = self.run_program("predict", "runs/load", "-", "--json", stdin=CSV)
        self.assertEqual(again, lines)

    def test_a_row_is_answered_as_it_comes(self):
        self.train("--quiet")
        process = self.start("predict", "runs/load", "-", stdin=-1)
        rows = CSV.splitlines(keepends=True)
        process.stdin.write("".join(rows[:40]).encode())
        process.stdin.flush()
        read = [process.stdout.readline() for _ in range(36)]  # the first rows are looked at before any is answered
        self.assertTrue(read[35].startswith(b"2024-01-02"), read[35])
        process.stdin.write("".join(rows[40:]).encode())
        process.stdin.close()
        rest, err = process.stdout.read(), process.stderr.read()  # what readline has read ahead, too
        self.assertEqual((process.wait(), err), (0, b""))
        self.assertEqual(36 + rest.count(b"\n"), 701)

    def test_the_same_run_again_and_a_stopped_one_resumed(self):
        self.train("--out", "whole", "--quiet")
        self.run_program("train", "whole/run.toml", "--out", "again", "--quiet")
        self.assertEqual(self.model("whole"), self.model("again"))
        process = self.start("train", "detect", "load.csv", *SMALL, "--epochs", "300", "--patience", "0", "--out", "cut")
        for line in process.stderr:
            if line.startswith(b"epoch 1/"):
                break
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
        self.assertEqual(process.returncode, 130)
        self.assertIn(b"carousel resume cut", err)
        toml = (self.folder / "cut/run.toml").read_text()
        (self.folder / "cut/run.toml").write_text(toml.replace("epochs = 300", "epochs = 4"))
        self.run_program("resume", "cut", "--quiet")
        self.assertTrue((self.folder / "cut/report.html").exists())

    def test_what_is_wrong_is_said(self):
        self.assert_refused(["train", "detect"], 2, "DATA, the CSV file to learn from")
        self.assert_refused(["train", "detect", "none.csv"], 1, "none.csv")
        self.assert_refused(["train", "detect", "load.csv", "--method", "autoencodr"], 2, "did you mean 'autoencoder'?")
        self.assert_refused(["train", "detect", "load.csv", "--threshold", "0"], 2, "--threshold: found 0")
        self.assert_refused(["train", "detect", "load.csv", "--method", "autoencoder", "--horizon", "4"], 2,
                            "--horizon: is for method residual")
        (self.folder / "bad.json").write_text('{"load.csv": [["2024-01-26", "soon"]]}')
        self.assert_refused(["train", "detect", "load.csv", *SMALL, "--labels", "bad.json"], 1,
                            "bad.json, window 1: found 'soon', expected a time stamp")
        (self.folder / "bad.json").write_text('{"other.csv": []}')
        self.assert_refused(["train", "detect", "load.csv", *SMALL, "--labels", "bad.json"], 1,
                            "bad.json: found no windows of 'load.csv'")
        self.run_program("train", "forecast", "sales.csv", "--target", "sold", "--epochs", "1", "--updates-per-epoch", "2",
                         "--quiet", "--out", "sales")
        self.assert_refused(["evaluate", "sales", "--labels", "windows.json"], 2, "--labels: ")


if __name__ == "__main__":
    unittest.main()
