"""Commands, flags, exit statuses, JSON: what goes right and what is said when it does not."""
import json
import unittest

from support import PROJECT, SHORT, TRAINING, CliCase, environment, waves

COMMANDS = [["train"], ["train", "forecast"], ["resume"], ["evaluate"], ["predict"], ["report"], ["inspect"], ["convert"],
            ["bench"]]


class Help(CliCase):
    def test_every_command_has_one_with_an_example(self):
        for command in [[]] + COMMANDS:
            out, err = self.run_program(*command, "--help")
            self.assertEqual(err, "")
            self.assertIn("Usage: carousel", out)
            example = out.split("Examples\n")[1]
            self.assertIn("carousel " + " ".join(command), example)
            self.assertLessEqual(max(map(len, out.split("Examples")[0].splitlines())), 80)
            if command:
                seed = [] if command == ["bench"] else ["--seed N"]
                for flag in ("--threads N", *seed, "--quiet", "--json", "--help"):
                    self.assertIn(flag, out)

    def test_examples_work(self):
        (self.folder / "passengers.csv").write_text((PROJECT / "examples/data/passengers.csv").read_text())
        out, _ = self.run_program("train", "forecast", "--help")
        example = out.split("Examples\n")[1].splitlines()[0].split()
        self.assertEqual(example[0], "carousel")
        self.run_program(*example[1:], "--epochs", "1")
        for command in ("evaluate", "predict", "report", "inspect", "convert"):
            out, _ = self.run_program(command, "--help")
            example = out.split("Examples\n")[1].splitlines()[0].split()
            self.run_program(*example[1:])

    def test_defaults_are_those_of_a_run(self):
        out, _ = self.run_program("train", "forecast", "--help")
        self.assertIn("[50; 10 where", " ".join(out.split()))
        self.run_program("train", "forecast", "sales.csv", "--epochs", "1")
        settings = (self.folder / "runs/sales/run.toml").read_text()
        for flag, key in (("--batch N", "batch"), ("--learning-rate X", "learning_rate"), ("--patience N", "patience"),
                          ("--clip-norm X", "clip_norm"), ("--horizon N", "horizon"), ("--loss WORD", "loss")):
            described = out.split(flag)[1].split("[")[1].split("]")[0].split(";")[0]
            self.assertRegex(settings, f'\n{key} = "?{described}"?\n')

    def test_version(self):
        out, _ = self.run_program("--version")
        self.assertRegex(out, r"^carousel \d+\.\d+\.\d+\n$")

    def test_nothing_asked(self):
        out, err = self.run_program(status=2)
        self.assertEqual(out, "")
        self.assertIn("Commands", err)


class WrongCommands(CliCase):
    def test_nearest_word_is_suggested(self):
        self.assert_refused(["trian"], 2, "'trian'", "'train'")
        self.assert_refused(["train", "forcast", "sales.csv"], 2, "'forcast'", "'forecast'")
        self.assert_refused(["train", "forecast", "sales.csv", "--hiden", "8"], 2, "--hiden", "--hidden")
        self.assert_refused(["evaluate", "runs/a", "--jsn"], 2, "--jsn", "--json")
        self.assert_refused(["train", "forecast", "sales.csv", "--target", "slod"], 2, "slod", "sold")
        self.assert_refused(["train", "forecast", "sales.csv", "--optimizer", "adm"], 2, "adm", "adam")
        self.assert_refused(["train", "forecast", "sales.csv", "--layers", "lstn 8"], 2, "lstn", "lstm")

    def test_settings_are_called_by_their_flags(self):
        for words in (["--layers", "lstm 8, lstn 8"], ["--layers", "lstm (8"], ["--learning-rate", "-1"], ["--id", "shop"],
                      ["--anchor", "seasonal", "--season", "0"], ["--missing", "ignore"], ["--optimizer", "adm"]):
            with self.subTest(words=words):
                self.assert_refused(["train", "forecast", "sales.csv", *words], 2, f"carousel: {words[0]}")
        self.assertFalse((self.folder / "runs").exists(), "a refused command leaves nothing behind")
        (self.folder / "gap.csv").write_text("day,sold\n2021-01-01,1\n2021-01-02,\n2021-01-04,3\n")
        self.assert_refused(["train", "forecast", "gap.csv"], 1, "--missing interpolate", "run.toml")

    def test_lags_that_cannot_be_known_are_refused(self):
        known = ("found 4, expected at least 5 (the horizon)", "use longer lags or a shorter horizon")
        self.assert_refused(["train", "forecast", "sales.csv", "--horizon", "5", "--lags", "48,4"], 2, "carousel: --lags: ", *known)
        self.assert_refused(["train", "detect", "sales.csv", "--lags", "4"], 2, "carousel: --lags: ", *known)
        self.assert_refused(["train", "detect", "sales.csv", "--method", "autoencoder", "--lags", "7"], 2, "--lags: is for method residual")
        self.assert_refused(["train", "forecast", "sales.csv", "--lags", "7,100000"], 2, "carousel: --lags: found 100000, expected at most")
        (self.folder / "run.toml").write_text('[data]\npath = "sales.csv"\n[forecast]\nhorizon = 5\nlags = [48, 4]\n')
        self.assert_refused(["train", "run.toml"], 1, "run.toml: lags: ", *known)
        self.assertFalse((self.folder / "runs").exists(), "a refused command leaves nothing behind")

    def test_wrong_values(self):
        for flag, value in (("--horizon", "0"), ("--horizon", "-3"), ("--hidden", "8x"), ("--epochs", ""), ("--batch", "1e3"),
                            ("--learning-rate", "fast"), ("--learning-rate", "nan"), ("--learning-rate", "0"),
                            ("--dropout", "1.5"), ("--average", "1"), ("--average", "-0.5"),
                            ("--threads", "0"), ("--seed", "-1"), ("--time-limit", "soon"),
                            ("--split", "0.9,0.9"), ("--validation", "1.5"), ("--quantiles", "0.9,0.1"), ("--mode", "both"),
                            ("--missing", "ignore"), ("--anchor", "first"), ("--transform", "sqrt"), ("--calendar", "moon"),
                            ("--lags", "7,x"), ("--lags", "0"), ("--lags", "7,,9"), ("--lags", "7,7"),
                            ("--hidden", "99999999999999999999999"), ("--target", "a,,b"), ("--loss", "mes")):
            with self.subTest(flag=flag, value=value):
                self.assert_refused(["train", "forecast", "sales.csv", flag, value], 2)
        self.assertFalse((self.folder / "runs").exists(), "a refused command leaves nothing behind")

    def test_what_is_missing_or_too_much(self):
        self.assert_refused(["train"], 2, "run.toml")
        self.assert_refused(["train", "forecast"], 2, "DATA")
        self.assert_refused(["resume"], 2, "RUN")
        self.assert_refused(["predict", "runs/a"], 2, "DATA")
        self.assert_refused(["train", "forecast", "sales.csv", "--hidden"], 2, "--hidden")
        self.assert_refused(["inspect", "a", "b"], 2, "'b'")
        self.assert_refused(["train", "forecast", "sales.csv", "--split", "12", "--validation", "0.1"], 2, "--validation")

    def test_what_the_method_does_nothing_with_is_refused(self):
        for words, what in ((["--average", "0.9"], "average is for method bptt, not for kalman; leave it out"),
                            (["--recompute"], "recompute is for method bptt, not for kalman; leave it out")):
            self.assert_refused(["train", "forecast", "sales.csv", "--method", "kalman", *words], 2, what)

    def test_bidirectional_is_refused_with_the_reason(self):
        self.assert_refused(["train", "forecast", "sales.csv", "--bidirectional"], 2, "--bidirectional", "look back")
        self.assert_refused(["train", "forecast", "sales.csv", "--layers", "bidirectional(lstm 8)"], 2, "bidirectional")
        self.assert_refused(["train", "forecast", "sales.csv", "--layers", "pyramid, lstm 8"], 2, "layers.0 (pyramid)")

    def test_files_that_are_not_there(self):
        self.assert_refused(["train", "forecast", "salse.csv"], 1, "salse.csv")
        for command in ("resume", "evaluate", "report", "inspect"):
            self.assert_refused([command, "nowhere"], 1, "nowhere")
        self.assert_refused(["predict", "nowhere", "sales.csv"], 1, "nowhere")
        self.assert_refused(["train", "nowhere/run.toml"], 1, "nowhere/run.toml")

    def test_folders_that_are_no_run_folders(self):
        for words in (["evaluate", "."], ["inspect", "."], ["report", "."], ["predict", ".", "sales.csv"], ["resume", "."],
                      ["resume", ".", "--seed", "1"], ["train", "."]):
            with self.subTest(words=words):
                self.assert_refused(words, 1, ".: found no run.toml in it, expected the folder of a run")

    def test_run_stopped_before_it_had_a_model(self):
        self.train("runs/a")
        (self.folder / "runs/a/model.safetensors").unlink()
        for words in (["evaluate", "runs/a"], ["inspect", "runs/a"], ["report", "runs/a"], ["predict", "runs/a", "sales.csv"]):
            self.assert_refused(words, 1, "runs/a: found no model in it", "resume")

    def test_control_characters_do_not_reach_the_terminal(self):
        _, err = self.run_program("inspect", "a\x1b[31m\nb", status=1)
        self.assert_one_line(err, "a\\x1b[31m\\x0ab")


class Runs(CliCase):
    def test_forecasts_that_are_no_finite_numbers_are_a_failure(self):
        words = ["--transform", "log", "--learning-rate", "1e10", "--quiet"]
        out, err = self.train("runs/a", *words, status=1)
        self.assertIn("training has diverged", " ".join(out.split()))
        self.assert_one_line(err, "runs/a/model.safetensors", "training has diverged", "--learning-rate")
        for file in ("model.safetensors", "report.html"):
            self.assertTrue((self.folder / "runs/a" / file).is_file(), file)
        out, err = self.train("runs/b", *words, "--json", status=1)
        self.assertIsNone(json.loads(out)["evaluation"]["targets"][0]["model"]["rmse"])
        self.assert_one_line(err, "training has diverged")

    def test_results_and_progress_stay_apart(self):
        out, err = self.train("runs/a")
        for word in ("RMSE", "naive", "seasonal naive", "drift", "MASE", "runs/a/model.safetensors", "runs/a/log.jsonl",
                     "runs/a/report.html", "carousel predict runs/a sales.csv"):
            self.assertIn(word, out)
        self.assertRegex(out, r"The model (beats every baseline|does not beat the baselines)")
        self.assertNotIn("epoch 1/2", out)
        self.assertIn("epoch 1/2", err)
        self.assertIn("epoch 2/2", err)
        self.assertNotIn("\x1b", out + err)
        self.assertNotIn("\r", out + err)
        for file in ("run.toml", "model.safetensors", "checkpoint.safetensors", "log.jsonl", "report.html"):
            self.assertTrue((self.folder / "runs/a" / file).is_file(), file)
        for line in (self.folder / "runs/a/log.jsonl").read_text().splitlines():
            json.loads(line)

    def test_verdict_and_marks_agree_with_the_figures(self):
        out, _ = self.train("runs/a")
        report = self.json_of("evaluate", "runs/a")["targets"][0]
        beats = all(report["model"][m] < b[m] for m in ("rmse", "mae") for b in report["baselines"].values())
        self.assertEqual(beats, report["beats_baselines"])
        self.assertEqual(beats, "beats every baseline" in out)
        best = min([report["model"], *report["baselines"].values()], key=lambda s: s["rmse"])
        line = next(line for line in out.splitlines() if line.startswith("RMSE"))
        self.assertEqual(line.count("*"), 1)
        self.assertAlmostEqual(float(line.split("*")[0].split()[-1]), best["rmse"], delta=best["rmse"] * 1e-3)

    def test_metrics_are_those_of_the_predictions(self):
        """Against a plain computation from the predictions printed, for one forecast."""
        self.train("runs/a")
        rows = waves().splitlines()
        (self.folder / "known.csv").write_text("\n".join(rows[:200]) + "\n")
        out, _ = self.run_program("predict", "runs/a", "known.csv")
        lines = [line.split(",") for line in out.splitlines()]
        self.assertEqual(lines[0][:4], ["day", "step", "target", "forecast"])
        self.assertEqual([line[0] for line in lines[1:]], [row.split(",")[0] for row in rows[200:203]])
        errors = [abs(float(line[3]) - float(row.split(",")[1])) for line, row in zip(lines[1:], rows[200:203])]
        self.assertLess(max(errors), 60, "the wave has an amplitude of 20")

    def test_many_epochs_are_thinned(self):
        _, err = self.train("runs/a", "--epochs", "400", "--updates-per-epoch", "1", "--hidden", "2")
        lines = [line for line in err.splitlines() if line.startswith("epoch ")]
        self.assertLessEqual(len(lines), 102)
        self.assertTrue(lines[-1].startswith("epoch 400/400"))

    def test_quiet(self):
        _, err = self.train("runs/a", "--quiet")
        self.assertEqual(err, "")

    def test_a_run_is_not_replaced_unasked(self):
        self.train("runs/a")
        before = self.model("runs/a")
        self.assert_refused(["train", "forecast", "sales.csv", "--out", "runs/a"], 2, "resume", "--out", "--overwrite")
        self.assertEqual(self.model("runs/a"), before)
        self.train("runs/a", "--overwrite", "--seed", "5")
        self.assertNotEqual(self.model("runs/a"), before)

    def test_default_folder_is_named_after_the_data(self):
        self.run_program("train", "forecast", "sales.csv", *SHORT)
        self.assertTrue((self.folder / "runs/sales/model.safetensors").is_file())

    def test_the_same_run_again(self):
        self.run_program("train", "forecast", "sales.csv", "--horizon", "3", "--epochs", "2", "--seed", "3", "--layers",
                         "lstm 8, dropout 0.2, lstm 6", "--out", "runs/a")
        self.run_program("train", "runs/a/run.toml")
        self.assertEqual(self.model("runs/a"), self.model("runs/a-2"))
        self.run_program("train", "runs/a/run.toml", "--out", "elsewhere")
        self.assertEqual(self.model("runs/a"), self.model("elsewhere"))
        self.run_program("train", "runs/a")
        self.assertEqual(self.model("runs/a"), self.model("runs/a-3"))

    def test_threads_do_not_change_the_model(self):
        self.train("one", "--threads", "1", options=TRAINING + ["--epochs", "3"])
        self.train("two", "--threads", "2", options=TRAINING + ["--epochs", "3"])
        self.assertEqual(self.model("one"), self.model("two"))

    def test_resume_of_a_finished_run_changes_nothing(self):
        self.train("runs/a")
        before = self.model("runs/a")
        self.run_program("resume", "runs/a")
        self.assertEqual(self.model("runs/a"), before)
        self.assert_refused(["resume", "runs/a", "--seed", "9"], 2, "--seed")

    def test_no_test_part(self):
        out, err = self.train("runs/a", "--split", "0.8,0.2,0")
        self.assertIn("no test part", err)
        self.assertIn("runs/a/model.safetensors", out)

    def test_every_kind_of_layer_trains_and_has_a_report(self):
        for number, layers in enumerate([
                "lstm_1997 6 cells_per_block=2", "peephole 4", "coupled 4 layer_norm=on", "projected 6 projection=3", "gru 4", "rnn 4",
                "slstm 4 heads=2", "mlstm 4 heads=2", "min_lstm 4, min_gru 4", "lstm_g 4", "conv1d 6 kernel=2, conv_lstm 2 size=3",
                "dense 6, md_lstm 2 size=2x3", "parallel(lstm 4, stack(gru 4, dense 2)), residual(lstm 6)",
                "lstm 4 zoneout_cell=0.1 learned_start=on, dropout 0.1"]):
            self.train(f"runs/{number}", "--layers", layers, options=["--context", "12", "--epochs", "1", "--updates-per-epoch", "5"])
            self.assertTrue((self.folder / f"runs/{number}/report.html").exists(), layers)

    def test_several_targets(self):
        out, _ = self.run_program("train", "forecast", "sales.csv", "--target", "sold,price", *SHORT, "--out", "runs/a")
        self.assertIn("sold on the test part", out)
        self.assertIn("price on the test part", out)
        self.assertEqual([t["target"] for t in self.json_of("evaluate", "runs/a")["targets"]], ["sold", "price"])


class Json(CliCase):
    def test_every_command(self):
        trained = self.json_of("train", "forecast", "sales.csv", *SHORT, "--out", "runs/a")
        self.assertEqual(trained["model"], "runs/a/model.safetensors")
        self.assertEqual(trained["epochs"], 2)
        judged = self.json_of("evaluate", "runs/a")
        self.assertEqual(judged, trained["evaluation"])
        self.assertEqual(set(judged["targets"][0]["baselines"]), {"naive", "seasonal naive", "drift"})
        whole = self.json_of("evaluate", "runs/a", "sales.csv")
        self.assertEqual([whole["part"], whole["trained_on"], judged["trained_on"]], ["all", True, False])
        self.assertIn("was trained on", self.run_program("evaluate", "runs/a", "sales.csv")[0])
        self.assertEqual(self.json_of("report", "runs/a")["report"], "runs/a/report.html")
        shown = self.json_of("inspect", "runs/a")
        self.assertEqual(shown["parameters"], sum(layer["parameters"] for layer in shown["layers"]))
        self.assertEqual([shown["layers"][0]["outputs"], shown["layers"][-1]["outputs"]], [12, 9])
        self.assertEqual(shown["tensors"][0]["shape"], [48, shown["inputs"]])
        self.assertEqual(self.json_of("inspect", "runs/a/model.safetensors")["spec"], shown["spec"])
        self.assertEqual([s["batch"] for s in shown["schedules"]], [1, 32])
        for schedule in shown["schedules"]:
            self.assertGreaterEqual(schedule["threads"], 2)
            self.assertIn(schedule["schedule"], ("rows", "units", "steps", "heads", "directions", "layers"))
        # A layer of 12 units is one thread's work, where there is one sequence.
        self.assertRegex(self.run_program("inspect", "runs/a")[0], r"one thread works on one sequence;\s\d+\sthreads\sshare\s32\ssequences\sby\srows")

    def test_predict_is_a_line_a_forecast(self):
        self.train("runs/a")
        out, err = self.run_program("predict", "runs/a", "sales.csv", "--json")
        table, _ = self.run_program("predict", "runs/a", "sales.csv")
        self.assertEqual(err, "")
        rows = [line.split(",") for line in table.splitlines()]
        for line, row in zip(map(json.loads, out.splitlines()), rows[1:], strict=True):
            self.assertEqual([line["time"], str(line["step"]), line["target"]], row[:3])
            self.assertEqual(line["forecast"], float(row[3]))
            self.assertEqual([float(q) for q in row[4:]], list(line["quantiles"].values()))

    def test_errors_are_no_output(self):
        out, err = self.run_program("evaluate", "nowhere", "--json", status=1)
        self.assertEqual(out, "")
        self.assert_one_line(err, "nowhere")


class HostileFiles(CliCase):
    def refused(self, *words):
        """The work failed, the command was right."""
        self.assert_refused(words, 1)

    def test_csv(self):
        files = sorted((PROJECT / "tests/hostile/csv").iterdir())
        self.assertGreater(len(files), 20)
        for file in files:
            with self.subTest(file=file.name):
                self.refused("train", "forecast", file, "--horizon", "2", "--context", "4", "--epochs", "1")

    def test_series_that_nothing_tells_apart(self):
        days = [f"2021-01-{day:02}" for day in range(1, 29)]
        shops = [f"{day},{shop},{price}" for day in days for shop, price in (("north", 1), ("south", 2))]
        for rows in (shops, sorted(shops, key=lambda row: row.split(",")[1])):
            (self.folder / "shops.csv").write_text("\n".join(["day,the shop,price", *rows]) + "\n")
            self.assert_refused(["train", "forecast", "shops.csv"], 1, "shops.csv line", "--id 'the shop'", "run.toml")
        self.run_program("train", "forecast", "shops.csv", "--id", "the shop", "--epochs", "1", "--updates-per-epoch", "1")
        (self.folder / "twice.csv").write_text("day,price\n2021-01-01,1\n2021-01-01,2\n2021-01-02,2\n")
        self.assert_refused(["train", "forecast", "twice.csv"], 1, "line 3", "is there twice", "--id COLUMN")

    def test_toml(self):
        self.train("runs/a")
        good = (self.folder / "runs/a/run.toml").read_text()
        bad = {"empty table name": "[]", "no end": good[:good.index("sales.csv") + 4], "binary": "\x00\x01\x02", "deep": "a = " + "[" * 5000,
               "unknown": good.replace("batch", "bacth"), "text": good.replace("epochs = 2", 'epochs = "two"'),
               "negative": good.replace("epochs = 2", "epochs = -2"), "huge": good.replace("epochs = 2", "epochs = 1e300"),
               "twice": good + "\n[data]\n", "list": good.replace("batch = 16", "batch = [16]"),
               "nan": good.replace("clip_norm = 1", "clip_norm = nan"), "spec": good.replace("lstm 12", "lstm 12,,"),
               "large": good.replace("lstm 12", "lstm 99999999")}
        for name, text in bad.items():
            with self.subTest(name):
                (self.folder / "bad.toml").write_text(text)
                self.assertNotEqual(text, good, "the text to spoil is no longer there")
                self.refused("train", "bad.toml")

    def test_model(self):
        self.train("runs/a")
        good = self.model("runs/a")
        size = int.from_bytes(good[:8], "little")
        bad = {"empty": b"", "short": good[:7], "header cut": good[:8 + size // 2], "data cut": good[:-1], "longer": good + b"x",
               "huge header": (2 ** 63).to_bytes(8, "little") + good[8:], "no JSON": good[:8] + b"x" * size + good[8 + size:],
               "nan": good[:-4] + b"\x00\x00\xc0\x7f", "zip": b"PK\x03\x04" + b"\0" * 100, "text": b"month,passengers\n1,2\n",
               "other spec": good.replace(b"lstm 12", b"lstm 13")}
        for name, content in bad.items():
            with self.subTest(name):
                (self.folder / "runs/a/model.safetensors").write_bytes(content)
                self.refused("inspect", "runs/a")
                self.refused("predict", "runs/a", "sales.csv")
                self.refused("evaluate", "runs/a")

    def test_checkpoint(self):
        self.train("runs/a")
        path = self.folder / "runs/a/checkpoint.safetensors"
        good = path.read_bytes()
        for name, content in {"empty": b"", "cut": good[:-9], "model": self.model("runs/a"), "text": b"x" * 64}.items():
            with self.subTest(name):
                path.write_bytes(content)
                self.refused("resume", "runs/a")

    def test_data_that_moved_away(self):
        self.train("runs/a")
        (self.folder / "sales.csv").rename(self.folder / "moved.csv")
        for words in (["evaluate", "runs/a"], ["report", "runs/a"], ["resume", "runs/a"], ["train", "runs/a/run.toml"]):
            with self.subTest(words=words):
                self.assert_refused(words, 1, "sales.csv: the data file that runs/a/run.toml names is not there",
                                    self.folder.name, "write its new path into run.toml")
        self.assert_refused(["evaluate", "runs/a"], 1, "name a file to evaluate on")
        self.assert_refused(["evaluate", "runs/a/model.safetensors"], 1, "model.safetensors names is not there")
        self.run_program("evaluate", "runs/a", "moved.csv")
        self.run_program("predict", "runs/a", "moved.csv")
        path = self.folder / "runs/a/run.toml"
        path.write_text(path.read_text().replace("sales.csv", "moved.csv"))
        self.assertEqual(self.json_of("evaluate", "runs/a")["data"], "moved.csv")
        for words in (["report", "runs/a"], ["resume", "runs/a"], ["train", "runs/a/run.toml"]):
            self.run_program(*words)

    def test_other_data_than_the_run_began_with(self):
        self.train("runs/a")
        (self.folder / "sales.csv").write_text(waves(230))
        self.refused("resume", "runs/a")

    def test_places_that_cannot_be_written(self):
        (self.folder / "file").write_text("")
        self.refused("train", "forecast", "sales.csv", *SHORT, "--out", "file/run")
        self.refused("train", "forecast", "/", *SHORT)
        self.train("runs/a")
        self.refused("predict", "runs/a", "sales.csv", "-o", "nowhere/next.csv")
        self.refused("predict", "runs/a", "sales.csv", "-o", ".")

    def test_forecasts_do_not_replace_the_data(self):
        self.train("runs/a")
        before = (self.folder / "sales.csv").read_bytes()
        self.assert_refused(["predict", "runs/a", "sales.csv", "-o", "./sales.csv"], 2, "sales.csv")
        self.assertEqual((self.folder / "sales.csv").read_bytes(), before)


if __name__ == "__main__":
    unittest.main()
