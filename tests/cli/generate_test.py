"""A language model as a user meets it: train generate, generate, evaluate, resume, report."""
import json
import math
import os
import signal
import subprocess
import unittest

from support import CliCase

TEXT = "".join(f"line {i % 7} of a song that goes on\n" for i in range(400))
SMALL = ["--hidden", "12", "--embedding", "4", "--batch", "8", "--chunk", "40", "--epochs", "3",
         "--learning-rate", "0.02"]


class Generate(CliCase):
    def setUp(self):
        super().setUp()
        (self.folder / "song.txt").write_text(TEXT)

    def train(self, *words):
        return self.run_program("train", "generate", "song.txt", *SMALL, *words)

    def test_from_a_text_to_more_of_it(self):
        out, err = self.train()
        for part in ("nats a character", "perplexity", "frequencies", "runs of 5", "write    carousel generate runs/song"):
            self.assertIn(part, out)
        for part in ("text: song.txt, 12,000 characters", "epoch 3/3"):
            self.assertIn(part, err)
        page = (self.folder / "runs/song/report.html").read_text()
        for part in ("What it writes", "Where it is surprised", "Inside the network", "Its gates over the text", "forget gate", "class=\"below\""):
            self.assertIn(part, page)
        text, _ = self.run_program("generate", "runs/song", "--prompt", "line ", "--length", "50", "--temperature", "0.5")
        self.assertTrue(text.startswith("line "))
        self.assertEqual(len(text), 5 + 50 + 1)
        same, _ = self.run_program("generate", "runs/song", "--prompt", "line ", "--length", "50", "--temperature", "0.5")
        self.assertEqual(text, same)
        other, _ = self.run_program("generate", "runs/song", "--prompt", "line ", "--length", "50", "--temperature",
                                    "0.5", "--seed", "1")
        self.assertNotEqual(text, other)

    def test_json_and_beam(self):
        self.train("--quiet")
        line = self.json_of("generate", "runs/song", "--prompt", "line", "--length", "12", "--beam", "3")
        self.assertEqual((line["prompt"], len(line["text"])), ("line", 12))
        judged = self.json_of("evaluate", "runs/song")
        self.assertEqual(judged["part"], "test")
        self.assertLess(judged["model"]["nats"], judged["baselines"]["frequencies"]["nats"])
        (self.folder / "other.txt").write_text("line 3 of \u00e4 song\n" * 9)
        other = self.json_of("evaluate", "runs/song", "other.txt")
        self.assertEqual((other["part"], other["unknown"]), ("all", 9))

    def test_words_are_suggested_as_they_are_typed(self):
        self.train("--unit", "word", "--quiet")
        out, _ = self.run_program("suggest", "runs/song", "line 3 of a so", "--count", "2")
        self.assertRegex(out, r"^1\.000  song\n$")
        out, _ = self.run_program("suggest", "runs/song", "-", "--count", "1",
                                 stdin="line 3 o\nline 3 of\nline 3 of a \n")
        words = [line.split()[0] for line in out.splitlines()]
        self.assertEqual(words[:2], ["of", "of"])
        self.assertEqual(len(words), 3)
        told = self.json_of("suggest", "runs/song", "line 3 of a ")
        self.assertEqual(told["text"], "line 3 of a ")
        self.assertEqual(len(told["suggestions"]), 5)
        # A byte that is half a character ends no session; its line is named and has no answer.
        process = self.start("suggest", "runs/song", "-", "--count", "1", stdin=subprocess.PIPE)
        out, err = process.communicate(b"line 3 o\nline \xff o\nline 3 of\n")
        self.assertEqual((process.returncode, [bool(line) for line in out.splitlines()]), (1, [True, False, True]))
        self.assert_one_line(err.decode(), "standard input, line 2, byte 6 of it: found 0xff, which is not UTF-8")
        self.assert_refused(["suggest", "runs/song", os.fsdecode(b"line \xff")], 1, "TEXT, line 1, byte 6 of it: found 0xff")
        self.train("--out", "runs/characters", "--quiet")
        _, err = self.run_program("suggest", "runs/characters", "li", status=1)
        self.assertIn("--unit word", err)

    def test_a_blank_that_a_prompt_ends_with_is_written_once(self):
        self.train("--unit", "word", "--quiet")
        for how in ([], ["--beam", "2"], ["--temperature", "9"]):
            text, _ = self.run_program("generate", "runs/song", "--prompt", "line 3 of ", "--length", "2", *how)
            self.assertRegex(text, r"^line 3 of \S")
            told = self.json_of("generate", "runs/song", "--prompt", "line 3 of ", "--length", "2", *how)
            self.assertEqual(told["prompt"] + told["text"] + "\n", text)

    def test_words_are_judged_by_all_characters_of_the_text(self):
        self.train("--unit", "word", "--quiet")
        (self.folder / "other.txt").write_text("line unheardof 3 pr\u00e4sentabel of\n")
        model = self.json_of("evaluate", "runs/song", "other.txt")["model"]
        told = ["unheardof", "3", "pr\u00e4sentabel", "of", "\n"]  # of each but the line's end also its blank
        characters = sum(map(len, told)) + 4
        self.assertAlmostEqual(model["nats_per_character"], model["nats"] * 5 / characters)
        self.assertAlmostEqual(model["bits_per_character"], model["nats"] * 5 / characters / math.log(2))

    def test_without_its_text_it_is_judged_on_another_one(self):
        self.train("--quiet")
        (self.folder / "other.txt").write_text(TEXT[:900])
        judged = self.json_of("evaluate", "runs/song", "other.txt")
        (self.folder / "song.txt").write_text(TEXT[:900])
        self.assert_no_baselines("runs/song", "other.txt", judged, "have changed since.")
        self.assert_refused(["evaluate", "runs/song"], 1, "song.txt: found checksum", "put that one back")
        (self.folder / "song.txt").unlink()
        self.assert_no_baselines("runs/song", "other.txt", judged, "are no longer there.")
        self.assert_refused(["evaluate", "runs/song"], 1, "song.txt", "is not there")

    def test_the_same_run_again_and_a_stopped_one_resumed(self):
        self.train("--out", "whole", "--quiet")
        self.run_program("train", "whole/run.toml", "--out", "again", "--quiet")
        self.assertEqual((self.folder / "whole/model.safetensors").read_bytes(),
                         (self.folder / "again/model.safetensors").read_bytes())
        process = self.start("train", "generate", "song.txt", *SMALL, "--epochs", "300", "--patience", "0",
                             "--out", "cut")
        for line in process.stderr:
            if line.startswith(b"epoch 1/"):
                break
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
        self.assertEqual(process.returncode, 130)
        self.assertIn(b"carousel resume cut", err)

    def test_without_a_validation_part_it_trains_to_the_end(self):
        _, err = self.train("--split", "0.9,0,0.1")
        self.assertIn("epoch 3/3", err)

    def test_what_is_wrong_is_said(self):
        self.assert_refused(["train", "generate"], 2, "DATA, the text or music to learn from")
        self.assert_refused(["train", "generate", "none.txt"], 1, "none.txt: cannot read it")
        (self.folder / "bad.txt").write_bytes(b"first\nsec\xffond\n" * 50)
        self.assert_refused(["train", "generate", "bad.txt"], 1, "bad.txt, line 2, byte 4 of it: found 0xff")
        for text, found in (("0123456789", "found 1 character in the test part, expected at least 2"),
                            ("0", "found 0 characters in the training part, expected at least 2")):
            (self.folder / "tiny.txt").write_text(text)
            self.assert_refused(["train", "generate", "tiny.txt"], 1, found)
        self.run_program("train", "generate", "bad.txt", *SMALL, "--invalid", "replace", "--quiet")
        (self.folder / "empty.txt").write_text("")
        self.assert_refused(["train", "generate", "empty.txt"], 1, "found 0 characters in the training part")
        self.assert_refused(["train", "generate", "song.txt", "--unit", "wrd"], 2, "did you mean 'word'?")
        self.assert_refused(["train", "generate", "song.txt", "--layers", "bidirectional(lstm 3)"], 2,
                            "looks at symbols behind")
        self.train("--quiet")
        self.assert_refused(["generate", "runs/song", "--temperature", "-1"], 2, "--temperature: found -1")
        self.assert_refused(["predict", "runs/song", "sales.csv"], 2, "it writes; use carousel generate runs/song")
        self.assert_refused(["generate", "none"], 1, "none")


if __name__ == "__main__":
    unittest.main()
