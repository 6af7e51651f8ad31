"""Runs that are stopped: by Ctrl-C, by a second one, by kill -9 at any moment. Resumed, the model is the same."""
import os
import random
import signal
import time
import unittest

from support import TRAINING, CliCase

KILLS = 20
EPOCHS = 12
LONG = 40  # epochs of a run that is stopped after two: room for a signal that comes late


class Interrupts(CliCase):
    def words(self, out, epochs=EPOCHS):
        return ["train", "forecast", "sales.csv", "--target", "sold", *TRAINING, "--hidden", "32", "--epochs", epochs,
                "--updates-per-epoch", "50", "--dropout", "0.1", "--out", out]

    def whole_run(self, epochs=EPOCHS):
        begin = time.monotonic()
        self.run_program(*self.words("whole", epochs))
        return time.monotonic() - begin

    def await_epoch(self, process, epoch):
        """Reads standard error to the line that this epoch is done."""
        lines = []
        while not (lines and lines[-1].startswith(f"epoch {epoch}/".encode())):
            lines.append(process.stderr.readline())
            self.assertTrue(lines[-1], f"ended before epoch {epoch} was done: {lines}")

    def stop_in_epoch_3(self, number, out, *more):
        process = self.start(*self.words(out, LONG), *more)
        self.await_epoch(process, 2)
        process.send_signal(number)
        out_text, err = process.communicate()
        return process.returncode, out_text.decode(), err.decode()

    def test_ctrl_c_saves_and_resume_goes_on(self):
        self.whole_run(LONG)
        for number, name in ((signal.SIGINT, "int"), (signal.SIGTERM, "term"), (signal.SIGHUP, "hup")):
            status, out, err = self.stop_in_epoch_3(number, name)
            self.assertEqual(status, 128 + number)
            self.assertEqual(out, "")
            self.assertIn(f"carousel resume {name}", err)
            self.assertNotIn(f"epoch {LONG}/{LONG}", err)
            self.run_program("resume", name)
            self.assertEqual(self.model(name), self.model("whole"))
            epochs = [line for line in (self.folder / name / "log.jsonl").read_text().splitlines()]
            self.assertEqual(len(epochs), len((self.folder / "whole/log.jsonl").read_text().splitlines()))

    def test_recompute(self):
        """Resumed, the same bytes; without it, the same model but for rounding, which is all that training adds to."""
        self.run_program(*self.words("whole", LONG), "--recompute")
        self.assertIn("recompute = true", (self.folder / "whole/run.toml").read_text())
        self.stop_in_epoch_3(signal.SIGINT, "stopped", "--recompute", "--threads", "1")
        self.run_program("resume", "stopped")
        self.assertEqual(self.model("stopped"), self.model("whole"))
        self.run_program(*self.words("plain"), "--epochs", "1", "--updates-per-epoch", "1")
        self.run_program(*self.words("short"), "--epochs", "1", "--updates-per-epoch", "1", "--recompute")
        self.assertNotEqual(self.model("short"), self.model("plain"))
        one, two = (self.json_of("evaluate", run)["targets"][0]["model"]["rmse"] for run in ("short", "plain"))
        self.assertAlmostEqual(one / two, 1, places=4)

    def test_json_after_ctrl_c_says_how_to_resume(self):
        process = self.start(*self.words("run", LONG), "--json")
        self.await_epoch(process, 2)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate()
        self.assertEqual(process.returncode, 130)
        self.assertIn(b'"resume":"carousel resume run"', out)

    def test_ctrl_c_while_data_is_read_stops_at_once(self):
        """The program waits for data that never come; there is nothing yet that could be saved."""
        os.mkfifo(self.folder / "pipe.csv")
        process = self.start("train", "forecast", "pipe.csv", "--out", "run")
        writer = os.open(self.folder / "pipe.csv", os.O_WRONLY)  # returns when the program has opened it
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=60), -signal.SIGINT)
        os.close(writer)
        self.assertEqual(process.communicate(), (b"", b""))
        self.assertFalse((self.folder / "run").exists())

    def test_ignored_signals_stay_ignored(self):
        """As under nohup."""
        self.whole_run(LONG)
        process = self.start(*self.words("run", LONG), preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        self.await_epoch(process, 2)
        process.send_signal(signal.SIGHUP)
        process.communicate()
        self.assertEqual(process.returncode, 0)
        self.assertEqual(self.model("run"), self.model("whole"))

    def test_killed_at_twenty_moments(self):
        """Each after a number of epochs drawn at random and a part of one more; with none, also before there is a run."""
        seconds = self.whole_run()
        moments = random.Random(1997)
        for kill in range(KILLS):
            run = f"run{kill}"
            process = self.start(*self.words(run))
            epochs = moments.randrange(EPOCHS)
            for epoch in range(1, epochs + 1):
                self.await_epoch(process, epoch)
            time.sleep(moments.uniform(0, seconds / (EPOCHS if epochs else 3)))
            process.kill()
            process.communicate()
            begun = (self.folder / run / "run.toml").exists()
            self.assertTrue(begun or epochs == 0)
            self.run_program(*(["resume", run] if begun else self.words(run)), "--quiet")
            self.assertEqual(self.model(run), self.model("whole"), f"kill {kill}")
            leftovers = [file.name for file in (self.folder / run).iterdir() if file.name.startswith(".")]
            self.assertEqual(leftovers, [])

    def test_killed_again_and_again(self):
        """One run killed twenty times on its way."""
        seconds = self.whole_run()
        moments = random.Random(1744)
        words = self.words("run")
        for _ in range(KILLS):
            process = self.start(*words)
            time.sleep(moments.uniform(0, seconds / 6))
            process.kill()
            process.communicate()
            if (self.folder / "run/run.toml").exists():
                words = ["resume", "run"]
        self.run_program(*words)
        self.assertEqual(self.model("run"), self.model("whole"))


if __name__ == "__main__":
    unittest.main()
