"""The lab as a user meets it: list, run, the page, and what was run before."""
import json
import unittest

from support import CliCase

POLES = "double_pole_evolution_strategy"


class Lab(CliCase):
    def test_experiments_are_listed(self):
        out, _ = self.run_program("lab", "list")
        for part in (POLES, "Published:", "Gate:"):
            self.assertIn(part, out)
        out, _ = self.run_program("lab", "list", "--json")
        names = [json.loads(line)["experiment"] for line in out.splitlines()]
        self.assertEqual(names, sorted(names))

    def test_a_run_is_written_to_the_page_and_not_run_again(self):
        out, err = self.run_program("lab", "run", POLES, "--seeds", "2")
        self.assertIn("| met: 2 met", out)
        self.assertIn("seed 1: met after", err)
        page = (self.folder / "docs/lab.md").read_text()
        self.assertIn(f"| [`{POLES}`](#{POLES})", page)
        self.assertIn("yes, 2 of 2", page)
        self.assertIn(f"]({'lab/' + POLES + '.svg'})", page)
        self.assertIn("<circle", (self.folder / f"docs/lab/{POLES}.svg").read_text())
        _, err = self.run_program("lab", "run", POLES, "--seeds", "3")
        self.assertNotIn("seed 1:", err)
        self.assertIn("seed 2:", err)
        self.assertEqual(len(json.loads((self.folder / f"docs/lab/{POLES}.json").read_text())["seeds"]), 3)

    def test_wrong_words_are_refused(self):
        self.assert_refused(["lab", "run", "double_pole_evolution_strateg"], 2, POLES)
        self.assert_refused(["lab", "run"], 2, "NAME")
        self.assert_refused(["lab", "run", POLES, "--seeds", "0"], 2, "--seeds")


if __name__ == "__main__":
    unittest.main()
