"""A policy as a user meets it: train control, predict, evaluate, resume, report."""
import json
import unittest

from support import CliCase

POLE = ["double_pole longest=200", "--layers", "rnn 4", "--method", "evolution_strategy"]


class Control(CliCase):
    def train(self, *words):
        return self.run_program("train", "control", *POLE, *words)

    def test_from_a_world_to_a_policy(self):
        out, err = self.train()
        for part in ("% of episodes solved", "mean return", "random", "always", "beats what takes no learning",
                     "predict  carousel predict runs/double_pole -"):
            self.assertIn(part, out)
        for part in ("environment: double_pole longest=200; sees 3 numbers", "rnn 4, dense 1 tanh; 37 parameters",
                     "the target was reached"):
            self.assertIn(part, err)
        page = (self.folder / "runs/double_pole/report.html").read_text()
        for part in ("An episode", '"kind":"animation"', "step 200, return 200", "Provenance"):
            self.assertIn(part, page)
        judged = self.json_of("evaluate", "runs/double_pole")
        self.assertEqual(judged["model"]["solved"], 1)
        self.assertEqual(judged["model"]["mean_return"], 200)

    def test_acts_are_streamed(self):
        self.train("--quiet")
        out, _ = self.run_program("predict", "runs/double_pole", "-", stdin="0 0.13 0\n0,0.1,0\n\n0 0.13 0\n")
        first, second, gap, again = out.split("\n")[:4]
        self.assertEqual(first, again)  # an empty line begins a new episode
        self.assertEqual(gap, "")
        self.assertNotEqual(first, second)
        self.assertLessEqual(abs(float(first)), 1)
        out, _ = self.run_program("predict", "runs/double_pole", "-", "--json", stdin="0 0.13 0\n")
        self.assertAlmostEqual(json.loads(out)["act"][0], float(first), 6)
        for text, message in (("0 1\n", "line 1: found 2 numbers, expected the 3"), ("0 1 x\n", "line 1: found 'x'"),
                              ("0 1 nan\n", "line 1: found 'nan'"), ("0 1 1e39\n", "line 1: found '1e39'"),
                              ("\n1 2 3 4\n", "line 2: found 4 numbers")):
            (self.folder / "seen.txt").write_text(text)
            self.assert_refused(["predict", "runs/double_pole", "seen.txt", "-o", "acts.txt"], 1, message)

    def test_a_run_is_repeated_to_the_bit(self):
        self.train("--epochs", "5", "--quiet")
        self.run_program("train", "runs/double_pole/run.toml", "--out", "again", "--quiet")
        self.assertEqual((self.folder / "runs/double_pole/model.safetensors").read_bytes(),
                         (self.folder / "again/model.safetensors").read_bytes())

    def test_wrong_words_are_refused(self):
        for words, message in ((["dubble_pole"], "double_pole"), (["t_maze 0"], "length"), ([], "ENVIRONMENT"),
                               (["double_pole", "--method", "evolution"], "evolution_strategy"),
                               (["double_pole", "--members", "3"], "even"),
                               (["double_pole", "--layers", "bidirectional(lstm 2)"], "steps to come")):
            self.assert_refused(["train", "control", *words], 2, message)


if __name__ == "__main__":
    unittest.main()
