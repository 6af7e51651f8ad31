"""A translator as a user meets it: train translate, predict, evaluate, resume, report."""
import json
import math
import re
import signal
import subprocess
import unittest

from support import CliCase


def number_words(number):
    ones = "zero one two three four five six seven eight nine".split()
    return " ".join(ones[int(digit)] for digit in str(number))


PAIRS = "".join(f"{n}\t{number_words(n)}\n" for n in range(400))
SMALL = ["--target-unit", "token", "--hidden", "16", "--embedding", "8", "--batch", "8", "--epochs", "12",
         "--learning-rate", "0.01", "--split", "0.8,0.1,0.1"]


class Translate(CliCase):
    def setUp(self):
        super().setUp()
        (self.folder / "numbers.tsv").write_text(PAIRS)

    def train(self, *words):
        return self.run_program("train", "translate", "numbers.tsv", *SMALL, *words)

    def test_from_pairs_to_translations(self):
        out, err = self.train()
        for part in ("% of lines wrong", "% of tokens wrong", "copy", "most frequent", "nearest", "beats every baseline",
                     "predict  carousel predict runs/numbers -"):
            self.assertIn(part, out)
        for part in ("pairs: numbers.tsv, 400 pairs of 400 sources", "320 sources to train on, 40 to validate, 40 to test",
                     "epoch 12/12"):
            self.assertIn(part, err)
        page = (self.folder / "runs/numbers/report.html").read_text()
        for part in ("Where it looks", "Answers that were right", "Training", "Provenance", '"row_names":["'):
            self.assertIn(part, page)
        out, _ = self.run_program("predict", "runs/numbers", "-", stdin="12\n\n307\n")
        self.assertEqual(out, "one two\n\nthree zero seven\n")
        (self.folder / "ask.txt").write_text("12\r\n307")
        out, err = self.run_program("predict", "runs/numbers", "ask.txt", "ask.txt", "-o", "answers.txt")
        self.assertEqual((self.folder / "answers.txt").read_text(), "one two\nthree zero seven\n" * 2)
        self.assertEqual((out, err), ("", "predictions: answers.txt\n"))

    def test_without_a_validation_part_it_trains_to_the_end(self):
        _, err = self.train("--split", "0.9,0,0.1")
        self.assertIn("epoch 12/12", err)

    def test_without_its_pairs_it_is_judged_on_others(self):
        self.train("--quiet")
        (self.folder / "others.tsv").write_text("17\tone seven\n23\ttwo three\n")
        judged = self.json_of("evaluate", "runs/numbers", "others.tsv")
        (self.folder / "numbers.tsv").write_text("17\tone seven\n")
        self.assert_no_baselines("runs/numbers", "others.tsv", judged, "have changed since.")
        self.assert_refused(["evaluate", "runs/numbers"], 1, "numbers.tsv: found checksum", "put that one back")
        (self.folder / "numbers.tsv").unlink()
        self.assert_no_baselines("runs/numbers", "others.tsv", judged, "are no longer there.")
        self.assert_refused(["evaluate", "runs/numbers"], 1, "numbers.tsv", "is not there")

    def test_several_answers_and_json(self):
        self.train("--quiet")
        out, _ = self.run_program("predict", "runs/numbers", "-", "--best", "3", stdin="21\n")
        answers = out.rstrip("\n").split("\t")
        self.assertEqual(answers[0], "two one")
        self.assertEqual(len(set(answers)), 3)
        line = self.json_of("predict", "runs/numbers", "-", "--beam", "5", "--best", "2", stdin="21\n")
        self.assertEqual((line["source"], [answer["text"] for answer in line["answers"]]), ("21", answers[:2]))
        first, second = (answer["log_probability"] for answer in line["answers"])
        self.assertTrue(0 >= first >= second)
        self.assertLessEqual(math.exp(first) + math.exp(second), 1)
        judged = self.json_of("evaluate", "runs/numbers")
        self.assertEqual((judged["part"], judged["sources"], judged["beats_baselines"]), ("test", 40, True))
        self.assertLess(judged["model"]["symbol_error_rate"], judged["baselines"]["nearest"]["symbol_error_rate"])
        (self.folder / "other.tsv").write_text("21\tnot this\n21\ttwo one\n")
        other = self.json_of("evaluate", "runs/numbers", "other.tsv")
        self.assertEqual((other["part"], other["sources"], other["pairs"], other["model"]["line_error_rate"]), ("all", 1, 2, 0))

    def test_standard_input_is_answered_line_by_line(self):
        self.train("--quiet")
        process = self.start("predict", "runs/numbers", "-", stdin=subprocess.PIPE)
        for number in (245, 316):
            process.stdin.write(f"{number}\n".encode())
            process.stdin.flush()
            self.assertEqual(process.stdout.readline().decode(), number_words(number) + "\n")
        process.communicate()
        self.assertEqual(process.returncode, 0)

    def test_two_files_are_as_good_as_one(self):
        sources, targets = zip(*(line.split("\t") for line in PAIRS.splitlines()))
        (self.folder / "s.txt").write_text("\n".join(sources) + "\n")
        (self.folder / "t.txt").write_text("\n".join(targets) + "\n")
        self.train("--epochs", "1", "--quiet")
        self.run_program("train", "translate", "s.txt", "--target-file", "t.txt", *SMALL, "--epochs", "1", "--quiet")
        answers = [self.run_program("predict", run, "s.txt")[0] for run in ("runs/numbers", "runs/s")]
        self.assertEqual(*answers)
        (self.folder / "t.txt").write_text("\n".join(targets[1:]) + "\n")
        self.assert_refused(["train", "translate", "s.txt", "--target-file", "t.txt", "--out", "x"], 1,
                            "t.txt: found 399 lines, but s.txt has more")

    def test_a_line_that_cannot_be_read_is_named_or_left_out(self):
        (self.folder / "numbers.tsv").write_bytes(PAIRS.encode() + b"no target\n\n1\xff\tone\n \tnothing\n")
        words = ["--epochs", "1", "--quiet"]
        self.assert_refused(["train", "translate", "numbers.tsv", *SMALL, *words], 1,
                            "numbers.tsv, line 401: found no TABs", "; --skip-bad goes on without such examples")
        out, err = self.train(*words, "--skip-bad")
        self.assertTrue(err.startswith("left out: 4 bad examples\n  numbers.tsv, line 401: "), err)
        self.assertEqual(re.findall(r"\n  numbers.tsv, line (\d+): ", err), ["401", "402", "403", "404"])
        self.assertIn("line 403: byte 2 of it: found 0xff", err)
        self.assertIn("4 bad examples left out.", out)
        self.assertIn("skip_bad = true", (self.folder / "runs/numbers/run.toml").read_text())
        judged = self.json_of("evaluate", "runs/numbers")
        self.assertEqual((judged["sources"], len(judged["left_out"])), (40, 4))
        (self.folder / "other.tsv").write_text("21\ttwo one\n22 two two\n")
        self.assert_refused(["evaluate", "runs/numbers", "other.tsv"], 1, "other.tsv, line 2: found no TABs", "--skip-bad")
        out, err = self.run_program("evaluate", "runs/numbers", "other.tsv", "--skip-bad")
        self.assertIn("1 bad example left out.", out)
        self.assertIn("  other.tsv, line 2: found no TABs", err)

        (self.folder / "s.txt").write_text("\n" + "".join(f"{n}\n" for n in range(60)))
        (self.folder / "t.txt").write_text("zero\n" + "".join(f"{number_words(n)}\n" for n in range(59)) + " \n")
        _, err = self.run_program("train", "translate", "s.txt", "--target-file", "t.txt", *SMALL, *words, "--skip-bad")
        self.assertEqual(re.findall(r"\n  (.+?, line \d+): ", err), ["s.txt, line 1", "t.txt, line 61"])

    def test_the_same_run_again_and_a_stopped_one_resumed(self):
        self.train("--out", "whole", "--epochs", "2", "--quiet")
        self.run_program("train", "whole/run.toml", "--out", "again", "--quiet")
        self.assertEqual(self.model("whole"), self.model("again"))
        process = self.start("train", "translate", "numbers.tsv", *SMALL, "--epochs", "300", "--patience", "0",
                             "--out", "cut")
        for line in process.stderr:
            if line.startswith(b"epoch 1/"):
                break
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
        self.assertEqual(process.returncode, 130)
        self.assertIn(b"carousel resume cut", err)

    def test_what_is_wrong_is_said(self):
        train = ["train", "translate"]
        self.assert_refused(train, 2, "PAIRS, the file to learn from")
        self.assert_refused([*train, "none.tsv"], 1, "none.tsv: cannot read it")
        for text, message in ((b"1\tone\ntwo\n", "bad.tsv, line 2: found no TABs"), (b"1\tone\n\n2\ttwo\n", "bad.tsv, line 2: found an empty"),
                              (b"1\tone\n2\tt\xffo\n", "bad.tsv, line 2, byte 4 of it: found 0xff"), (b"", "found 0 different sources")):
            (self.folder / "bad.tsv").write_bytes(text)
            self.assert_refused([*train, "bad.tsv"], 1, message)
        self.assert_refused([*train, "numbers.tsv", "--split", "0.9,0.05,0.001"], 1, "found no source in the test part, of 400")
        self.assert_refused([*train, "numbers.tsv", "numbers.tsv"], 2, "one argument too many; join several files to one")
        self.assert_refused([*train, "numbers.tsv", "--target-unit", "tokn"], 2, "did you mean 'token'?")
        self.assert_refused([*train, "numbers.tsv", "--encoder", "lstn 4"], 2, "--encoder: spec, column 1", "lstm")
        self.assert_refused([*train, "numbers.tsv", "--recompute"], 2, "there is no option --recompute")
        self.assertFalse((self.folder / "runs").exists(), "a refused command leaves nothing behind")
        self.train("--epochs", "1", "--quiet")
        self.assert_refused(["predict", "runs/numbers", "-", "--beam", "2", "--best", "3"], 2, "--best: found 3, expected 1 to 2")
        self.assert_refused(["predict", "runs/numbers", "-", "--beam", "0"], 2, "--beam")
        self.assert_refused(["predict", "runs/numbers", "none.txt"], 1, "none.txt")
        out, err = self.run_program("predict", "runs/numbers", "-", stdin="1\n", status=0)
        self.assertEqual((out.count("\n"), err), (1, ""))

    def test_bytes_that_are_not_utf8_are_replaced_on_request(self):
        (self.folder / "numbers.tsv").write_bytes(PAIRS.encode().replace(b"17\t", b"1\xff\t", 1))
        self.train("--epochs", "1", "--invalid", "replace", "--quiet")
        (self.folder / "ask.txt").write_bytes(b"1\xff\n")
        self.run_program("predict", "runs/numbers", "ask.txt")

    def test_options_of_one_task_are_refused_for_others(self):
        self.run_program("train", "forecast", "sales.csv", "--target", "sold", "--horizon", "2", "--epochs", "1", "--quiet")
        self.assert_refused(["predict", "runs/sales", "sales.csv", "--beam", "3"], 2,
                            "--beam: a forecast model has no such option, only transcribe, translate; leave it out")
        self.assert_refused(["predict", "runs/sales", "sales.csv", "sales.csv"], 2, "DATA: found 2 files, expected one")


if __name__ == "__main__":
    unittest.main()
