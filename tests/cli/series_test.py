"""Many series in one model: wide files, test files, static features, rolling origins."""
import math
import unittest

from support import SHORT, CliCase


def value(store, row):
    return round(50 * (store + 1) + 10 * math.sin(2 * math.pi * row / 7 + store) + row * 7919 % 13, 3)


class Series(CliCase):
    stores, rows, later = 4, 80, 6

    def setUp(self):
        super().setUp()
        for name, begin, end in (("wide.csv", 0, self.rows), ("later.csv", self.rows, self.rows + self.later)):
            lines = ["store,kind," + ",".join(f"d{row}" for row in range(begin, end))]
            for store in range(self.stores):
                kind = "odd" if store % 2 else "even"
                lines.append(f"s{store},{kind}," + ",".join(str(value(store, row)) for row in range(begin, end)))
            (self.folder / name).write_text("\n".join(lines) + "\n")

    def train_wide(self, out, *words):
        return self.run_program("train", "forecast", "wide.csv", "--form", "wide", "--static", "kind", "--test-data",
                                "later.csv", "--season", "7", *SHORT, "--out", out, *words)

    def test_wide_form_with_a_test_file(self):
        out, _ = self.train_wide("runs/w")
        self.assertIn("value on the test part of later.csv: 48 values from 16 origins", " ".join(out.split()))
        for baseline in ("naive", "seasonal naive", "drift"):
            self.assertIn(baseline, out)
        result = self.json_of("evaluate", "runs/w")
        # The seasonal naive forecast of three steps from each place of the test file, by hand.
        errors = []
        for store in range(self.stores):
            for origin in range(self.rows - 1, self.rows + self.later - 3):
                for row in range(origin + 1, origin + 4):
                    truth, naive = value(store, row), value(store, row - 7)
                    errors.append(200 * abs(truth - naive) / (truth + naive))
        self.assertEqual(len(errors), result["targets"][0]["model"]["count"])
        self.assertAlmostEqual(result["targets"][0]["baselines"]["seasonal naive"]["smape"], sum(errors) / len(errors), 6)
        settings = (self.folder / "runs/w/run.toml").read_text()
        for line in ('test_data = "later.csv"', 'form = "wide"', 'id = "store"', 'static = ["kind"]', 'split = "3,0"'):
            self.assertIn(line, settings)
        out, _ = self.run_program("predict", "runs/w", "wide.csv")
        lines = out.splitlines()
        self.assertTrue(lines[0].startswith("store,row,step,target,forecast,"), lines[0])
        self.assertEqual(len(lines), 1 + 3 * self.stores)
        self.assertTrue(lines[1].startswith(f"s0,{self.rows},1,value,"), lines[1])

    def test_the_same_run_again(self):
        self.train_wide("runs/a")
        self.run_program("train", "runs/a/run.toml", "--out", "runs/b")
        self.assertEqual(self.model("runs/a"), self.model("runs/b"))

    def test_rolling_origins(self):
        self.train_wide("runs/w", "--origins", "2")
        self.assertIn("From rolling origins", (self.folder / "runs/w/report.html").read_text())
        out, _ = self.run_program("evaluate", "runs/w")
        for text in ("sMAPE % by origin", "6 before the end, 4 series", "3 before the end, 4 series", "sMAPE % by step",
                     "3 ahead"):
            self.assertIn(text, out)
        target = self.json_of("evaluate", "runs/w", "--origins", "4", "--stride", "1")["targets"][0]
        self.assertEqual([origin["rows_left"] for origin in target["by_origin"]], [6, 5, 4, 3])
        self.assertEqual([step["step"] for step in target["by_step"]], [1, 2, 3])
        mean = sum(origin["model"]["mae"] for origin in target["by_origin"]) / 4
        self.assertAlmostEqual(mean, target["model"]["mae"], 6)
        mean = sum(step["baselines"]["naive"]["mae"] for step in target["by_step"]) / 3
        self.assertAlmostEqual(mean, target["baselines"]["naive"]["mae"], 6)

    def test_rolling_origins_of_one_series_are_named_by_time(self):
        self.train("runs/s")
        out, _ = self.run_program("evaluate", "runs/s", "--origins", "2", "--stride", "10")
        self.assertIn("MAE by origin", out)
        self.assertIn("2021-08-15", out)
        self.assertIn("2021-08-25", out)

    def test_mixture_and_window_scaling(self):
        out, _ = self.train_wide("runs/m", "--loss", "mixture", "--components", "2", "--scaling", "window")
        self.assertIn("mixture 2 outputs=3", " ".join(out.split()) + (self.folder / "runs/m/model.safetensors").read_bytes()
                      .decode("latin-1"))
        out, _ = self.run_program("predict", "runs/m", "wide.csv")
        for line in out.splitlines()[1:]:
            forecast, low, middle, high = map(float, line.split(",")[4:])
            self.assertLess(low, middle)
            self.assertLess(middle, high)
            self.assertAlmostEqual(forecast, middle, delta=1e-4 * abs(middle))

    def test_what_does_not_go_together_is_refused(self):
        train = ["train", "forecast", "wide.csv", "--form", "wide"]
        for words, parts in ((["--covariates", "kind"], ["form wide"]), (["--form", "tall"], ["--form", "long, wide"]),
                             (["--test-data", "later.csv", "--split", "3,3"], ["--split", "test part"]),
                             (["--stride", "3"], ["--stride", "origins"]),
                             (["--scaling", "window", "--transform", "log"], ["--scaling", "log"]),
                             (["--test-data", "later.csv", "--static", "kind", "--horizon", "3", "--origins", "9"],
                              ["--origins", "at most 2 fit"]),
                             (["--loss", "mixture", "--mode", "recursive"], ["--loss", "mixture"])):
            with self.subTest(words=words):
                self.assert_refused([*train, *words], 2, *parts)
        self.assert_refused(["train", "forecast", "sales.csv", "--static", "price"], 2, "--static", "--id")
        self.assert_refused([*train, "--test-data", "none.csv"], 1, "none.csv")
        self.assertFalse((self.folder / "runs").exists())

    def test_other_series_than_those_of_training(self):
        self.train_wide("runs/w")
        (self.folder / "new.csv").write_text("store,kind,d0,d1\ns9,other,1,2\n")
        self.assert_refused(["predict", "runs/w", "new.csv"], 1, "series 's9'", "static feature 'kind'", "even, odd")
        self.assert_refused(["predict", "runs/w", "-"], 2, "wide form", stdin="store,kind,d0\ns1,odd,1\n")
        self.assert_refused(["evaluate", "runs/w", "--origins", "9"], 2, "--origins", "at most 2 fit")

    def test_rolling_origins_are_of_forecasts(self):
        (self.folder / "text.txt").write_text("abcdefgh " * 400)
        self.run_program("train", "generate", "text.txt", "--hidden", "4", "--epochs", "1", "--out", "runs/g")
        self.assert_refused(["evaluate", "runs/g", "--origins", "2"], 2, "--origins", "generate")


if __name__ == "__main__":
    unittest.main()
