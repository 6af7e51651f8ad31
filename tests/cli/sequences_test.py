"""Classify, label and transcribe as a user meets them: train, evaluate, report, resume, what is refused."""
import json
import math
import random
import shutil
import signal
import struct
import subprocess
import unittest
import wave

from support import PROJECT, CliCase

SMALL = ["--hidden", "8", "--batch", "8", "--learning-rate", "0.02"]


def tone(path, hertz, seconds, rate=8000):
    """A WAV file of one tone."""
    count = int(seconds * rate)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"".join(struct.pack("<h", int(12000 * math.sin(2 * math.pi * hertz * t / rate)))
                                  for t in range(count)))


def pulses(examples, seed):
    """Long form: letters as pulses of one of two columns."""
    draw = random.Random(seed)
    lines = ["id,low,high,text"]
    for i in range(examples):
        word = "".join(draw.choice("ab") for _ in range(draw.randint(1, 3)))
        steps = ["0,0"]
        for letter in word:
            steps += ["1,0" if letter == "a" else "0,1"] * draw.randint(1, 3) + ["0,0"]
        lines += [f"e{i},{step},{word}" for step in steps]
    return "\n".join(lines) + "\n"


def npy(rows):
    """The bytes of an NPY file of as many steps (numpy.lib.format, version 1)."""
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({len(rows)}, {len(rows[0])}), }}"
    header = header.ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + b"".join(
        struct.pack("<f", value) for row in rows for value in row)


class Sequences(CliCase):
    def write_tones(self):
        folder = self.folder / "tones"
        for name, hertz in (("low", 300), ("high", 1500)):
            (folder / name).mkdir(parents=True)
            for i in range(20):
                tone(folder / name / f"{i:02}.wav", hertz + 5 * i, 0.1 + 0.01 * i)

    def test_sounds_in_folders_are_told_apart(self):
        self.write_tones()
        out, err = self.run_program("train", "classify", "tones", *SMALL, "--epochs", "6", "--rate", "8000",
                                    "--mels", "12", "--noise", "0.1", "--time-mask", "2")
        for part in ("accuracy (%)", "most frequent", "nearest mean", "predict  carousel predict runs/tones DATA"):
            self.assertIn(part, out)
        for part in ("examples: 40 sequences of 12 features", "targets: 2 classes", "epoch 6/6"):
            self.assertIn(part, err)
        page = (self.folder / "runs/tones/report.html").read_text()
        for part in ("Confusion matrix", "What is taken for what", "Provenance"):
            self.assertIn(part, page)
        judged = self.json_of("evaluate", "runs/tones")
        self.assertEqual((judged["part"], judged["sequences"]), ("test", 4))
        self.assertEqual(judged["model"]["accuracy"], 1)
        self.assertEqual([one["class"] for one in judged["classes"]], ["high", "low"])

        told, _ = self.run_program("predict", "runs/tones", "tones/low/03.wav", "tones/high")
        lines = told.splitlines()
        self.assertEqual(lines[0], "example,class,probability")
        self.assertRegex(lines[1], r"^tones/low/03\.wav,low,[01]\.\d+$")
        self.assertEqual(len(lines), 22)
        line = self.json_of("predict", "runs/tones", "tones/high/00.wav")
        self.assertEqual(line["class"], "high")
        self.assertAlmostEqual(sum(line["probabilities"].values()), 1, 3)

    def test_a_bad_recording_is_named_or_left_out(self):
        self.write_tones()
        (self.folder / "tones/low/07.wav").write_bytes(b"RIFF\x00\x00\x00\x00WAVE")
        words = ["train", "classify", "tones", *SMALL, "--epochs", "1", "--rate", "8000", "--mels", "12"]
        self.assert_refused(words, 1, "tones/low/07.wav", "--skip-bad goes on without such examples", "--skip-bad")
        _, err = self.run_program(*words, "--skip-bad")
        self.assertIn("left out: 1 bad example", err)
        self.assertIn("tones/low/07.wav: ", err)
        # Names are told where nothing else is.
        out, err = self.run_program(*words, "--skip-bad", "--overwrite", "--quiet", "--json")
        self.assertTrue(err.startswith("left out: 1 bad example\n  tones/low/07.wav: "), err)
        self.assertEqual([bad["example"] for bad in json.loads(out)["evaluation"]["left_out"]], ["tones/low/07.wav"])
        # Whoever judges by other data decides anew.
        self.assert_refused(["evaluate", "runs/tones", "tones"], 1, "tones/low/07.wav", "--skip-bad goes on")
        out, err = self.run_program("evaluate", "runs/tones", "tones", "--skip-bad")
        self.assertIn("1 bad example left out.", out)
        self.assertIn("left out: 1 bad example\n  tones/low/07.wav: ", err)
        _, err = self.run_program("evaluate", "runs/tones", "--quiet")
        self.assertIn("  tones/low/07.wav: ", err)
        self.assert_refused(["evaluate", "runs/tones", "--skip-bad"], 2, "--skip-bad: it is about DATA, and there is none")

    def test_a_channel_of_sound_is_chosen(self):
        self.write_tones()
        for file in self.folder.glob("tones/*/*.wav"):  # the tone on the right, nothing on the left
            with wave.open(str(file)) as mono:
                rate, samples = mono.getframerate(), mono.readframes(mono.getnframes())
            with wave.open(str(file), "wb") as stereo:
                stereo.setparams((2, 2, rate, 0, "NONE", ""))
                stereo.writeframes(b"".join(b"\0\0" + samples[i:i + 2] for i in range(0, len(samples), 2)))
        words = ["train", "classify", "tones", *SMALL, "--rate", "8000", "--mels", "12", "--epochs", "8", "--quiet", "--channel"]
        self.run_program(*words, "1", "--out", "right")
        self.assertIn("channel = 1", (self.folder / "right/run.toml").read_text())
        self.assertGreater(self.json_of("evaluate", "right", "tones")["model"]["accuracy"], 0.9)
        # Of each length there are two silences, one of either class.
        self.run_program(*words, "0", "--out", "left")
        self.assertEqual(self.json_of("evaluate", "left", "tones")["model"]["accuracy"], 0.5)
        self.assert_refused([*words, "2", "--out", "none"], 1,
                            "tones/high/00.wav: found 2 channels, expected channel 2 as well; --channel counts from 0")
        self.assert_refused([*words, "64", "--out", "none"], 2, "--channel: expected a whole number from 0 to 63")

    def write_moves(self):
        """Two classes of NPY files, and one of MATLAB's among them."""
        for name, way in (("up", 1), ("down", -1)):
            (self.folder / "moves" / name).mkdir(parents=True)
            for i in range(12):
                rows = [[way * t, i] for t in range(3 + i % 3)]
                (self.folder / "moves" / name / f"{i:02}.npy").write_bytes(npy(rows))
        shutil.copy(PROJECT / "tests/golden/arrays/one.mat", self.folder / "moves/down/one.mat")

    def test_folders_of_arrays(self):
        self.write_moves()
        words = ["train", "classify", "moves", *SMALL, "--epochs", "1"]
        out, err = self.run_program(*words)
        self.assertIn("examples: 25 sequences of 2 features", err)
        self.assertIn("accuracy (%)", out)
        told, _ = self.run_program("predict", "runs/moves", "moves/down/one.mat", "moves/up/03.npy")
        self.assertEqual([line.split(",")[0] for line in told.splitlines()[1:]], ["moves/down/one.mat", "moves/up/03.npy"])

        up = self.folder / "moves/up"
        (up / "03.npy").write_bytes((up / "03.npy").read_bytes()[:-5])
        (up / "04.npy").write_bytes(npy([[1, 2, 3]]))
        (up / "05.npy").write_bytes(npy([[1, 2], [math.nan, 3]]))
        self.assert_refused([*words, "--overwrite"], 1, "moves/up/03.npy: ", "--skip-bad")
        _, err = self.run_program(*words, "--overwrite", "--skip-bad")
        for part in ("left out: 3 bad examples", "moves/up/03.npy: ", "04.npy: found steps of 3 values, expected 2",
                     "05.npy: step 2, value 1: found nan, expected a finite number"):
            self.assertIn(part, err)
        self.assertRegex(err, r"left out: 3 bad examples\n  moves/up/03\.npy: ")  # under it, set in
        self.assertIn("\n1 epoch in ", err)

    def test_sequences_of_rnnlib_and_of_arrays(self):
        folder = PROJECT / "tests/golden/arrays"
        for job, name in (("classify", "classes.nc"), ("label", "labels.nc"), ("transcribe", "strings.nc"),
                          ("classify", "sequences.mat"), ("classify", "sequences.h5"), ("label", "labels.mat"),
                          ("classify", "sequences_x.npy")):
            words = ["--unit", "word"] if job == "transcribe" else []
            split = "4,2,0" if name == "sequences.h5" else "4,0,2"  # its groups say the same
            run = name.replace(".", "_")
            _, err = self.run_program("train", job, folder / name, *SMALL, *words, "--epochs", "1", "--split", split,
                                      "--out", run)
            self.assertIn("examples: 6 sequences of 2 features, 18 steps, the longest of 4", err)
            told, _ = self.run_program("predict", run, folder / name, folder / "one.npy")
            answered = {line.split(",")[0] for line in told.splitlines()[1:]}
            self.assertEqual(len(answered), 7, told)
        whole = (folder / "labels.nc").read_bytes()
        (self.folder / "cut.nc").write_bytes(whole[:-30])
        self.assert_refused(["train", "label", "cut.nc"], 1, "cut.nc, variable 'seqLengths'", "it may be cut off")
        (self.folder / "nan.nc").write_bytes(whole.replace(struct.pack(">f", 50), struct.pack(">f", math.nan)))
        words = ["train", "label", "nan.nc", *SMALL, "--epochs", "1", "--split", "1,0,0"]
        self.assert_refused(words, 1, "nan.nc number 6: step 1, value 1: found nan, expected a finite number")
        _, err = self.run_program(*words, "--skip-bad")
        self.assertIn("left out: 1 bad example", err)
        self.assert_refused(["train", "classify", folder / "labels.nc"], 1, "found 'walk' and 'run', expected the same")
        self.assert_refused(["train", "transcribe", folder / "labels.nc", "--target", "targetStrings"], 1,
                            "labels.nc: found no targetStrings")

    def test_steps_are_labelled(self):
        chain = "".join(f"<>\n{'A x' if i % 2 else 'B y'}\nC x\nA x\nC z\nend\n" for i in range(60))
        (self.folder / "chains.conll").write_text(chain)
        out, err = self.run_program("train", "label", "chains.conll", *SMALL, "--epochs", "30", "--embedding", "3")
        self.assertIn("by symbol", out)
        self.assertIn("60 sequences of 3 symbols, 240 steps", err)
        page = (self.folder / "runs/chains/report.html").read_text()
        self.assertIn("Along the sequence", page)
        judged = self.json_of("evaluate", "runs/chains", "chains.conll")
        self.assertEqual((judged["part"], judged["judged"]), ("all", 240))
        self.assertGreater(judged["model"]["accuracy"], judged["baselines"]["by symbol"]["accuracy"])
        told, _ = self.run_program("predict", "runs/chains", "-", stdin="B\nC\n\nA\nC\nA\n")
        self.assertEqual([line.split(",")[2] for line in told.splitlines()[1:]], ["y", "x", "x", "x", "x"])

    def test_a_stream_is_labelled_row_by_row(self):
        rows = "\n".join(f"p{i},{i % 2 * (t % 5)},{'on' if i % 2 * (t % 5) > 1 else 'off'}" for i in range(40)
                         for t in range(10))
        (self.folder / "states.csv").write_text("who,x,state\n" + rows + "\n")
        self.run_program("train", "label", "states.csv", "--id", "who", "--layers", "lstm 8", "--batch", "8",
                         "--epochs", "20", "--learning-rate", "0.03", "--quiet")
        told, _ = self.run_program("predict", "runs/states", "states.csv")
        self.assertEqual(self.run_program("predict", "runs/states", "-", stdin="", status=1)[0], "")
        self.assertEqual(len(told.splitlines()), 401)  # the target, by its place in training, is no feature
        process = self.start("predict", "runs/states", "-", stdin=subprocess.PIPE)
        process.stdin.write(b"x\n0\n4\n0\n")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), b"example,step,label,probability\n")
        self.assertRegex(process.stdout.readline(), b"^standard input,1,off,")
        process.stdin.write(b"0\n4\n")
        process.stdin.close()
        out, err = process.stdout.read(), process.stderr.read()  # what readline has read ahead, too
        self.assertEqual((process.wait(), err), (0, b""))
        self.assertEqual([line.split(b",")[2] for line in out.splitlines()], [b"on", b"off", b"off", b"on"])

    def test_texts_are_read_and_keywords_spotted(self):
        (self.folder / "pulses.csv").write_text(pulses(150, 1))
        out, _ = self.run_program("train", "transcribe", "pulses.csv", "--id", "id", *SMALL, "--epochs", "20",
                                  "--keywords", "ab,b", "--quiet")
        for part in ("symbol errors (%)", "commonest symbol", "keyword", "says \""):
            self.assertIn(part, out)
        judged = self.json_of("evaluate", "runs/pulses")
        self.assertLess(judged["model"]["symbol_error_rate"], 0.1)
        self.assertEqual([one["keyword"] for one in judged["keywords"]], ["ab", "b"])
        page = (self.folder / "runs/pulses/report.html").read_text()
        self.assertIn("What it hears and reads", page)
        steps = "low,high\n0,0\n1,0\n0,0\n0,1\n0,1\n0,0\n"
        told, _ = self.run_program("predict", "runs/pulses", "-", stdin=steps)
        self.assertRegex(told, r"^example,text,times\nstandard input,ab,\d \d\n$")
        line = self.json_of("predict", "runs/pulses", "-", stdin=steps)
        self.assertEqual([one["symbol"] for one in line["symbols"]], ["a", "b"])
        self.assertLess(line["symbols"][0]["end"], line["symbols"][1]["begin"])
        self.assertEqual(line["unit"], "steps")
        found, _ = self.run_program("predict", "runs/pulses", "-", "--keywords", "b", stdin=steps)
        self.assertRegex(found, r"^example,keyword,begin,end,score\nstandard input,b,\d,\d,-?[01]\.\d+\n$")
        self.assert_refused(["predict", "runs/pulses", "-", "--keywords", "z"], 2, "which no text of the training part has",
                            stdin=steps)

    def test_without_the_data_trained_on_others_are_judged(self):
        for task, rows in (("transcribe", pulses(60, 1)), ("classify", pulses(60, 1))):
            (self.folder / "own.csv").write_text(rows)
            (self.folder / "other.csv").write_text(pulses(9, 4))
            self.run_program("train", task, "own.csv", "--id", "id", *SMALL, "--epochs", "2", "--out", task, "--quiet")
            judged = self.json_of("evaluate", task, "other.csv")
            (self.folder / "own.csv").write_text(pulses(59, 1))
            self.assert_no_baselines(task, "other.csv", judged, "have changed since.")
            self.assert_refused(["evaluate", task], 1, "own.csv: found checksum", "put that one back")
            (self.folder / "own.csv").write_text("id,low,high,text\n1,2\n")
            self.assert_no_baselines(task, "other.csv", judged, "cannot be read any more: own.csv line 2: found 2 fields")
            (self.folder / "own.csv").unlink()
            self.assert_no_baselines(task, "other.csv", judged, "are no longer there.")
            self.assert_refused(["evaluate", task], 1, "own.csv", "is not there")

    def test_the_threshold_of_keywords_is_kept_in_the_model(self):
        (self.folder / "pulses.csv").write_text(pulses(150, 1))
        out, _ = self.run_program("train", "transcribe", "pulses.csv", "--id", "id", *SMALL, "--epochs", "1",
                                  "--keywords", "ab,b", "--quiet")
        self.assertRegex(out, r"Keywords count from a score of -?[\d.]+ on, the best threshold on the\s+validation\s+part\.")
        threshold = self.json_of("evaluate", "runs/pulses")["keyword_threshold"]
        spot = ["predict", "runs/pulses", "pulses.csv", "--keywords", "ab,b"]
        found, _ = self.run_program(*spot)
        self.assertEqual(found, self.run_program(*spot, "--keyword-threshold", threshold)[0])
        scores = [float(line.split(",")[4]) for line in found.splitlines()[1:]]
        self.assertGreaterEqual(min(scores) + 0.0005, threshold)
        self.assertLess(len(scores), self.run_program(*spot, "--keyword-threshold", threshold - 1)[0].count("\n") - 1)
        # The model says it by itself, wherever it goes.
        shutil.copy(self.folder / "runs/pulses/model.safetensors", self.folder / "moved.safetensors")
        self.assertEqual(found, self.run_program("predict", "moved.safetensors", *spot[2:])[0])
        self.assert_refused([*spot, "--keyword-threshold", "0.5"], 2, "--keyword-threshold: found 0.5, expected")
        self.assert_refused([*spot[:3], "--keyword-threshold", "-1"], 2,
                            "--keyword-threshold: expected keywords beside it")
        self.assert_refused(["train", "transcribe", "pulses.csv", "--id", "id", "--keywords", "az", "--out", "no"], 2,
                            "'az' has 'z', which no text of the training part has")
        self.assertFalse((self.folder / "no").exists())

    def test_keywords_in_a_stream_are_told_as_they_come(self):
        (self.folder / "pulses.csv").write_text(pulses(150, 1))
        self.run_program("train", "transcribe", "pulses.csv", "--id", "id", *SMALL[2:], "--layers", "lstm 16", "--epochs", "30",
                         "--keywords", "ab,b", "--quiet")
        spot = ["predict", "runs/pulses", "-", "--keywords", "b"]
        process = self.start(*spot, stdin=subprocess.PIPE)
        process.stdin.write(b"low,high\n0,0\n1,0\n0,0\n0,1\n0,1\n0,0\n0,0\n0,0\n0,0\n0,0\n0,0\n")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), b"example,keyword,begin,end,score\n")
        self.assertRegex(process.stdout.readline(), rb"^standard input,b,\d+,\d+,-?[01]\.\d+\n$")  # and it goes on
        process.stdin.write(b"1,0\n0,0\n0,1\n")
        process.stdin.close()
        out, err = process.stdout.read(), process.stderr.read()
        self.assertEqual((process.wait(), err), (0, b""))
        self.assertTrue(all(line.split(b",")[1] == b"b" for line in out.splitlines()), out)
        # A search of several texts answers at the end, with the text as one.
        steps = "low,high\n0,0\n1,0\n0,0\n0,1\n0,1\n0,0\n0,0\n"
        one_by_one, _ = self.run_program("predict", "runs/pulses", "-", stdin=steps)
        searched, _ = self.run_program("predict", "runs/pulses", "-", "--beam", "8", stdin=steps)
        self.assertEqual(len(one_by_one.splitlines()), 3)
        self.assertRegex(searched, r"^example,text,times\nstandard input,ab,\d+ \d+\n$")

    def write_steps(self, name, rows):
        """One number a step, two steps an example, and its class."""
        (self.folder / name).write_text("x,y,class\n" + "".join(f"{x},{y},{label}\n" for x, y, label in rows))

    def test_class_weights_and_label_smoothing(self):
        """Without anything to tell classes by, the probability of one is its share; balanced, all are alike."""
        self.write_steps("same.csv", [(i // 10 % 3, i // 30 % 2, "rare" if i % 10 == 0 else "common") for i in range(600)])
        words = ["train", "classify", "same.csv", "--hidden", "2", "--batch", "32", "--epochs", "8", "--learning-rate", "0.02",
                 "--quiet", "--out"]
        rare = {}
        for weights in ("none", "balanced"):
            self.run_program(*words, weights, "--class-weights", weights)
            self.assertIn(f'class_weights = "{weights}"', (self.folder / weights / "run.toml").read_text())
            told, _ = self.run_program("predict", weights, "same.csv", "--json")
            line = json.loads(told.splitlines()[1])
            rare[weights] = line["probabilities"]["rare"]
        self.assertLess(rare["none"], 0.3)
        self.assertGreater(rare["balanced"], 0.35)
        self.assertLess(rare["balanced"], 0.65)
        # The target of a class is 1 - 0.5 + 0.5 / 2.
        self.write_steps("sure.csv", [(i % 2, i % 2, "odd" if i % 2 else "even") for i in range(400)])
        words[2] = "sure.csv"
        self.run_program(*words, "smooth", "--label-smoothing", "0.5", "--epochs", "20")
        told, _ = self.run_program("predict", "smooth", "sure.csv", "--json")
        self.assertAlmostEqual(json.loads(told.splitlines()[0])["probability"], 0.75, 1)
        self.assert_refused([*words, "no", "--label-smoothing", "1"], 2, "--label-smoothing: found 1, expected 0 to 0.99")
        self.assert_refused([*words, "no", "--class-weights", "balance"], 2, "did you mean 'balanced'?")
        self.assert_refused(["train", "transcribe", "x.csv", "--class-weights", "balanced"], 2, "--class-weights")

    def test_a_hidden_markov_model_stands_beside_the_other_baselines(self):
        """Classes that only the order of the two steps tells, and labels that last."""
        draw = random.Random(5)
        self.write_steps("order.csv", [((i % 2) + draw.gauss(0, 0.1), 1 - (i % 2) + draw.gauss(0, 0.1), "up" if i % 2 == 0 else "down")
                                       for i in range(200)])
        out, _ = self.run_program("train", "classify", "order.csv", *SMALL, "--epochs", "1", "--hidden-markov", "2")
        self.assertRegex(out, r"nearest mean +hidden Markov\naccuracy.* 100 \*\n")
        self.assertIn("[evaluation]\nhidden_markov = 2\n", (self.folder / "runs/order/run.toml").read_text())
        self.assertIn("hidden Markov", (self.folder / "runs/order/report.html").read_text())
        judged = self.json_of("evaluate", "runs/order")
        self.assertEqual(list(judged["baselines"]), ["most frequent", "nearest mean", "hidden Markov"])
        self.assertEqual(judged["baselines"]["hidden Markov"], {"accuracy": 1, "macro_f1": 1})
        _, told = self.run_program("evaluate", "runs/order")
        self.assertIn("baseline: fitting hidden Markov models of 2 states a class to 1", told)
        # Other data are judged by what the training part has shown.
        self.write_steps("turned.csv", [(1 - i % 2, i % 2, "up" if i % 2 == 0 else "down") for i in range(6)])
        self.assertEqual(self.json_of("evaluate", "runs/order", "turned.csv")["baselines"]["hidden Markov"]["accuracy"], 0)

        rows, high = ["who,x,doing"], 0
        for i in range(1200):
            high = 1 - high if draw.random() < 0.05 else high
            rows.append(f"p{i // 60},{2 * high - 1 + draw.gauss(0, 1.5):.2f},{'run' if high else 'rest'}")
        (self.folder / "steps.csv").write_text("\n".join(rows) + "\n")
        self.run_program("train", "label", "steps.csv", "--id", "who", *SMALL, "--epochs", "1", "--hidden-markov", "1", "--quiet")
        baselines = self.json_of("evaluate", "runs/steps")["baselines"]
        self.assertGreater(baselines["hidden Markov"]["accuracy"], baselines["nearest mean"]["accuracy"])
        self.assert_refused(["train", "label", "steps.csv", "--hidden-markov", "1001", "--out", "no"], 2, "1001")
        self.assert_refused(["train", "transcribe", "steps.csv", "--hidden-markov", "2"], 2, "--hidden-markov")

    def test_the_area_under_the_roc_curve(self):
        """Against all pairs of a right and a wrong example, counted one by one."""
        draw = random.Random(3)
        for classes in (2, 3):
            data, run = f"of{classes}.csv", f"run{classes}"
            labels = [draw.randrange(classes) for _ in range(150)]
            self.write_steps(data, [(round(draw.gauss(k, 1), 3), round(draw.gauss(k, 1), 3), f"c{k}") for k in labels])
            out, _ = self.run_program("train", "classify", data, *SMALL, "--epochs", "3", "--quiet", "--out", run)
            self.assertRegex(out, r"ROC AUC +[01]\.?\d* +- +-")
            told, _ = self.run_program("predict", run, data, "--json")
            answers = [json.loads(line)["probabilities"] for line in told.splitlines()]
            areas = []
            for k in range(classes):
                right = [p[f"c{k}"] for p, label in zip(answers, labels) if label == k]
                wrong = [p[f"c{k}"] for p, label in zip(answers, labels) if label != k]
                areas.append(sum((a > b) + (a == b) / 2 for a in right for b in wrong) / len(right) / len(wrong))
            self.assertAlmostEqual(self.json_of("evaluate", run, data)["model"]["roc_auc"], sum(areas) / classes, 4)

    def test_classes_that_cannot_be_judged_are_refused_before_training(self):
        self.write_steps("many.csv", [(i, i, f"c{i}") for i in range(5200)])
        self.assert_refused(["train", "classify", "many.csv", "--out", "run"], 1,
                            "many.csv: found 4,160 classes in the training part, expected at most 4,096")
        self.write_steps("unseen.csv", [(i, i, f"c{i if 9 <= i < 12 else i % 2}") for i in range(20)])
        self.assert_refused(["train", "classify", "unseen.csv", "--split", "9,3,8", "--out", "run"], 1,
                            "unseen.csv: found no class in the validation part (3 examples)", "--split")
        self.assertFalse((self.folder / "run").exists())

    def test_long_names_of_classes_are_cut(self):
        draw = random.Random(4)
        self.write_steps("long.csv", [(draw.random(), 0, "n" * 5000 + str(i % 2)) for i in range(60)])
        out, _ = self.run_program("train", "classify", "long.csv", *SMALL, "--epochs", "1", "--quiet")
        self.assertIn("Most often wrong:", out)
        self.assertLess(len(out), 2000)

    def test_a_transducer_writes_texts(self):
        (self.folder / "pulses.csv").write_text(pulses(120, 1))
        self.run_program("train", "transcribe", "pulses.csv", "--id", "id", *SMALL, "--epochs", "20", "--method",
                         "transducer", "--embedding", "4", "--out", "run", "--quiet")
        self.assertLess(self.json_of("evaluate", "run")["model"]["symbol_error_rate"], 0.5)
        line = self.json_of("predict", "run", "-", stdin="low,high\n0,0\n1,0\n0,0\n0,1\n0,1\n0,0\n")
        self.assertEqual(line["text"], "".join(one["symbol"] for one in line["symbols"]))
        self.assert_refused(["predict", "run", "-", "--keywords", "a"], 2, "use a model of method ctc", stdin="low,high\n0,0\n")
        self.assertIn("symbols written", (self.folder / "run/report.html").read_text())
        self.assert_refused(["evaluate", "run", "--language", "run"], 2, "--language: a transducer reads")
        self.assert_refused(["train", "transcribe", "pulses.csv", "--id", "id", *SMALL, "--method", "transducer",
                             "--prediction", "bidirectional(lstm 4)"], 2, "--prediction: spec, column 1: ")
        self.run_program("train", "transcribe", "pulses.csv", "--id", "id", *SMALL, "--epochs", "1", "--method", "transducer",
                         "--prediction", "gru 3", "--pretrained", "run", "--out", "again", "--quiet")
        self.assertIn('prediction = "gru 3"', (self.folder / "again/run.toml").read_text())

    def test_a_language_model_is_asked(self):
        (self.folder / "pulses.csv").write_text(pulses(120, 3))
        self.run_program("train", "transcribe", "pulses.csv", "--id", "id", *SMALL, "--epochs", "12", "--out", "run", "--quiet")
        texts = {row.rsplit(",", 1)[1] for row in pulses(120, 3).splitlines()[1:]}
        (self.folder / "texts.txt").write_text("\n".join([*texts] * 40) + "\n")
        self.run_program("train", "generate", "texts.txt", "--hidden", "8", "--epochs", "1", "--out", "language", "--quiet")
        plain = self.json_of("evaluate", "run")
        asked = self.json_of("evaluate", "run", "--language", "language", "--language-weight", "0")
        self.assertEqual(plain["model"], asked["model"])
        # One that counts more than what is heard wants short texts, unless each symbol is worth it.
        mute = self.json_of("evaluate", "run", "--language", "language", "--language-weight", "30")
        self.assertGreater(mute["model"]["symbol_error_rate"], plain["model"]["symbol_error_rate"])
        steps = "low,high\n0,0\n1,0\n0,0\n0,1\n0,1\n0,0\n"
        self.assertEqual(self.json_of("predict", "run", "-", "--language", "language", "--language-weight", "30", stdin=steps)["text"], "")
        bonus = self.run_program("predict", "run", "-", "--symbol-bonus", "20", stdin=steps)[0].splitlines()[1].split(",")[1]
        self.assertGreater(len(bonus), 4)  # more symbols than are said
        self.assert_refused(["evaluate", "run", "--beam", "70000"], 2, "--beam: found 70000, expected 1 to 65536")
        self.assert_refused(["predict", "run", "pulses.csv", "--keywords", "a", "--beam", "4"], 2, "--keywords: are spotted without")
        self.assert_refused(["predict", "run", "pulses.csv", "--keywords", "a,a"], 2, "--keywords: 'a' is there twice")
        self.assert_refused(["predict", "run", "-", "--language", ""], 2, "--language: found nothing", stdin=steps)
        self.assert_refused(["evaluate", "run", "--language-weight", "2"], 2, "--language-weight: goes with --language")
        self.assert_refused(["evaluate", "run", "--language", "run"], 1, "run")
        self.assert_refused(["evaluate", "language", "--beam", "2"], 2, "--beam: a generate model has no such option")

    def test_the_same_run_again_and_a_stopped_one_resumed(self):
        (self.folder / "pulses.csv").write_text(pulses(60, 2))
        words = ["train", "transcribe", "pulses.csv", "--id", "id", *SMALL, "--join", "1-3"]
        self.run_program(*words, "--epochs", "3", "--out", "whole", "--quiet")
        self.run_program("train", "whole/run.toml", "--out", "again", "--quiet")
        self.assertEqual(self.model("whole"), self.model("again"))
        process = self.start(*words, "--epochs", "3000", "--patience", "0", "--out", "cut")
        for line in process.stderr:
            if line.startswith(b"epoch 1/"):
                break
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
        self.assertEqual(process.returncode, 130)
        self.assertIn(b"carousel resume cut", err)

    def write_rows(self, name, head, rows):
        (self.folder / name).write_text("\n".join([head, *rows]) + "\n")

    def test_what_training_took_for_the_target_is_no_feature(self):
        rows = [f"{i % 7},{3 * (i % 2)},{2 * (i % 2)},{'odd' if i % 2 else 'even'}" for i in range(40)]
        self.write_rows("rows.csv", "a,b,c,kind", rows)
        self.write_rows("bare.csv", rows[0], rows[1:])
        for name in ("rows", "bare"):
            self.run_program("train", "classify", f"{name}.csv", *SMALL, "--epochs", "1", "--out", name)
            with_target, _ = self.run_program("predict", name, f"{name}.csv")
            self.assertEqual(len(with_target.splitlines()), 41)
            cut = "\n".join(line.rsplit(",", 1)[0] for line in (self.folder / f"{name}.csv").read_text().split("\n"))
            (self.folder / f"{name}.csv").write_text(cut)
            without, _ = self.run_program("predict", name, f"{name}.csv")
            self.assertEqual(without, with_target)
        self.write_rows("rows.csv", "a,b,c,kind", rows)
        self.write_rows("other.csv", "a,b,c,sort", rows)
        self.assert_refused(["train", "classify", "rows.csv", "--test", "other.csv"], 2, "other.csv has no column 'kind'")

    def forget_columns(self, run):
        """The model as it was written before models kept the names of columns."""
        path = self.folder / run / "model.safetensors"
        data = path.read_bytes()
        (length,) = struct.unpack_from("<Q", data)
        header = json.loads(data[8:8 + length])
        coding = json.loads(header["__metadata__"]["coding"])
        del coding["columns"]
        header["__metadata__"]["coding"] = json.dumps(coding)
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 64)
        path.write_bytes(struct.pack("<Q", len(text)) + text + data[8 + length:])

    def write_columns(self, name, order, rows):
        """A CSV file of these columns of the rows, which are dictionaries."""
        self.write_rows(name, ",".join(order), [",".join(str(row[column]) for column in order) for row in rows])

    def test_features_of_a_table_go_by_their_names(self):
        draw = random.Random(5)
        rows = [{"who": f"e{i // 4}", "a": round(draw.gauss(9 * (i // 4 % 2), 1), 2), "b": round(draw.gauss(-40, 1), 2), "c": i % 3,
                 "kind": "xy"[i // 4 % 2]} for i in range(96)]
        own, other, more, less = "who a b c kind", "c kind b who a", "c extra kind b who a", "who a kind c"
        for row in rows:
            row["extra"] = 7
        for name, order in (("own", own), ("other", other), ("more", more), ("less", less)):
            self.write_columns(f"{name}.csv", order.split(), rows)
            self.write_columns(f"{name}_rows.csv", [column for column in order.split() if column != "who"], rows)
        missing = "less{0}.csv: found no column 'b', which the data learned from has"
        for task in ("label", "classify"):  # a row a step: other columns are left aside
            self.run_program("train", task, "own.csv", "--id", "who", "--test", "other.csv", *SMALL, "--epochs", "2", "--out", task, "--quiet")
            told, _ = self.run_program("predict", task, "own.csv")
            judged = self.json_of("evaluate", task, "own.csv")["model"]
            self.assertEqual(self.json_of("evaluate", task)["model"], judged)
            for name in ("other.csv", "more.csv"):
                self.assertEqual(self.run_program("predict", task, name)[0], told)
                self.assertEqual(self.run_program("predict", task, "-", stdin=(self.folder / name).read_text())[0], told)
                self.assertEqual(self.json_of("evaluate", task, name)["model"], judged)
            for command in ("predict", "evaluate"):
                self.assert_refused([command, task, "less.csv"], 1, missing.format(""))
            self.assert_refused(["predict", task, "-"], 1, "standard input: found no column 'b'", stdin=(self.folder / "less.csv").read_text())
            self.assert_refused(["train", task, "own.csv", "--id", "who", "--test", "less.csv"], 1, missing.format(""))
            self.forget_columns(task)
            self.assertEqual(self.run_program("predict", task, "own.csv")[0], told)
            self.assertNotEqual(self.run_program("predict", task, "other.csv")[0], told)  # by place

        self.run_program("train", "classify", "own_rows.csv", *SMALL, "--epochs", "2", "--target", "kind", "--out", "rows", "--quiet")
        told, _ = self.run_program("predict", "rows", "own_rows.csv")
        for data in ("other_rows.csv", "-"):  # a row an example
            swapped, _ = self.run_program("predict", "rows", data, stdin=(self.folder / "other_rows.csv").read_text())
            self.assertEqual([line.split(",")[1:] for line in swapped.splitlines()], [line.split(",")[1:] for line in told.splitlines()])
        self.assert_refused(["predict", "rows", "less_rows.csv"], 1, missing.format("_rows"))
        self.assert_refused(["predict", "rows", "more_rows.csv"], 1, "more_rows.csv: found column 'extra', which the data learned from does not have")

    def test_points_of_a_pen_go_by_their_names(self):
        draw = random.Random(7)
        rows = []
        for i in range(40):
            x = [j * (1 if i % 2 else -1) + round(draw.gauss(0, 0.1), 2) for j in range(3)]
            rows.append({"x0": x[0], "y0": 0, "x1": x[1], "y1": draw.random(), "x2": x[2], "y2": 2, "kind": "ab"[i % 2]})
        own, other = "x0 y0 x1 y1 x2 y2 kind".split(), "kind x2 x1 x0 y2 y1 y0".split()
        self.write_columns("own.csv", own, rows)
        self.write_columns("other.csv", other, rows)
        self.write_columns("less.csv", other[:-1], rows)
        self.run_program("train", "classify", "own.csv", "--pen", *SMALL, "--epochs", "3", "--out", "run", "--quiet")
        told, swapped = (self.run_program("predict", "run", name)[0].replace(name, "") for name in ("own.csv", "other.csv"))
        self.assertEqual(swapped, told)
        self.assert_refused(["predict", "run", "less.csv"], 1, "less.csv: found no column 'y0', which the data learned from has")

    def test_features_of_csv_files_go_by_their_names(self):
        draw = random.Random(6)
        for way in ("up", "down"):
            (self.folder / "moves" / way).mkdir(parents=True)
            for i in range(12):
                rows = [{"p": (t if way == "up" else -t) + round(draw.gauss(0, 0.1), 2), "q": 50 + t % 2} for t in range(5)]
                self.write_columns(f"moves/{way}/{i:02}.csv", "pq" if i % 3 else "qp", rows)
        self.run_program("train", "classify", "moves", *SMALL, "--epochs", "12", "--out", "run", "--quiet")
        self.assertEqual(self.json_of("evaluate", "run", "moves")["model"]["accuracy"], 1)
        self.write_columns("one.csv", "qp", rows)
        self.write_columns("other.csv", "pq", rows)
        self.write_columns("less.csv", "q", rows)
        answers = {self.run_program("predict", "run", name)[0].replace(name, "") for name in ("one.csv", "other.csv")}
        answers |= {self.run_program("predict", "run", "-", stdin=(self.folder / name).read_text())[0].replace("standard input", "")
                    for name in ("one.csv", "other.csv")}
        self.assertEqual(len(answers), 1, answers)
        self.assert_refused(["predict", "run", "less.csv"], 1, "less.csv: found no column 'p', which the data learned from has")
        self.write_columns("moves/up/07.csv", "pr", [{**row, "r": 1} for row in rows])
        self.assert_refused(["train", "classify", "moves"], 1, "moves/up/07.csv: found no column 'q', which the data learned from has")

    def test_the_sign_for_what_cannot_be_read_is_no_label(self):
        sign = "\N{REPLACEMENT CHARACTER}"
        rows = [f"{i % 2},{i % 3},{'x' if i % 2 else sign}" for i in range(40)]
        self.write_rows("rows.csv", "a,b,class", rows)
        self.assert_refused(["train", "classify", "rows.csv"], 1, "rows.csv line 2: found the sign U+FFFD")
        (self.folder / "a.conll").write_text(f"A x\nB {sign}\n\n" * 20)
        self.assert_refused(["train", "label", "a.conll"], 1, "a.conll line 1: found the sign U+FFFD")
        (self.folder / "pulses.csv").write_text(pulses(40, 1).replace("a", sign))
        self.assert_refused(["train", "transcribe", "pulses.csv", "--id", "id"], 1, "found the sign U+FFFD")
        rows = [f"{i % 2},{i % 3},{'xyz'[i % 3] if i > 3 else sign}" for i in range(40)]
        self.write_rows("rows.csv", "a,b,class", rows)
        out, err = self.run_program("train", "classify", "rows.csv", *SMALL, "--epochs", "1", "--skip-bad")
        self.assertIn("left out: 4 bad examples", err)

    def write_series(self, examples, header, row):
        """Long form; row(example, step, class) is a line."""
        draw = random.Random(3)
        self.write_rows("series.csv", header, [
            row(f"e{i}", round(draw.gauss(2 * (i % 2), 0.1), 3), "ab"[i % 2], "train" if i % 4 else "test")
            for i in range(examples) for _ in range(3 + i % 3)])

    def test_a_stream_reads_what_the_file_does(self):
        self.write_series(24, '"",who,x,label,split', lambda who, x, label, part: f"7,{who},{x},{label},{part}")
        whole = (self.folder / "series.csv").read_text()
        for job, layers in (("label", "lstm 4"), ("label", "bidirectional(lstm 4)"), ("classify", "lstm 4")):
            self.run_program("train", job, "series.csv", "--id", "who", "--layers", layers, "--batch", "8", "--epochs", "1",
                             "--out", "run", "--overwrite")
            told, _ = self.run_program("predict", "run", "series.csv")
            self.assertEqual(self.run_program("predict", "run", "-", stdin=whole)[0], told)
            self.assertIn("e23,", told)
            numbers = "\n".join(line.split(",")[2] for line in whole.splitlines()[:4]) + "\n"
            (self.folder / "one.csv").write_text(numbers)
            one, _ = self.run_program("predict", "run", "one.csv")  # rows of nobody: one sequence
            self.assertEqual(self.run_program("predict", "run", "-", stdin=numbers)[0].replace("standard input", "one.csv"), one)
        out, err = self.run_program("predict", "run", "-", stdin="who,x\na,1\nb,1\na,1\n", status=1)
        self.assertEqual([line.split(",")[0] for line in out.splitlines()[1:]], ["a"])
        self.assertIn("standard input line 4: found rows of 'a' again", err)

        (self.folder / "pulses.csv").write_text(pulses(40, 1))
        for layers in ("lstm 4", "bidirectional(lstm 4)"):
            self.run_program("train", "transcribe", "pulses.csv", "--id", "id", "--layers", layers, "--batch", "8", "--epochs", "2",
                             "--out", "read", "--overwrite")
            told, _ = self.run_program("predict", "read", "-", stdin=pulses(40, 1))
            names = [line.split(",")[0] for line in told.splitlines()[1:]]
            self.assertLessEqual(set(names), {f"e{i}" for i in range(40)})
            if layers != "lstm 4":  # one text of each
                self.assertEqual(told, self.run_program("predict", "read", "pulses.csv")[0])

    def test_classes_that_training_never_saw_count_against_macro_f1(self):
        rows = [f"{i % 2},{i % 2},{'ab'[i % 2]}" for i in range(40)]
        self.write_rows("rows.csv", "x,y,class", rows)
        self.run_program("train", "classify", "rows.csv", *SMALL, "--epochs", "8", "--out", "run")
        told, _ = self.run_program("predict", "run", "rows.csv")
        self.assertEqual([line.split(",")[1] for line in told.splitlines()[1:]], ["a", "b"] * 20)
        self.write_rows("other.csv", "x,y,class", rows[:20] + [row[:-1] + "c" for row in rows[20:]])
        judged = self.json_of("evaluate", "run", "other.csv")
        # Of a and b 10 hits and 10 false alarms each, of c nothing but misses.
        self.assertEqual((judged["model"]["accuracy"], judged["unknown"]), (0.5, 20))
        self.assertAlmostEqual(judged["model"]["macro_f1"], (2 / 3 + 2 / 3 + 0) / 3)
        self.assertEqual(judged["classes"][0]["precision"], 0.5)
        self.assertAlmostEqual(judged["baselines"]["most frequent"]["macro_f1"],
                               10 * 2 / (10 * 2 + 30) / 3)

    def test_numbers_of_examples_beside_parts_that_are_there(self):
        rows = [f"{i % 5},{i % 2},{'ab'[i % 2]}" for i in range(40)]
        self.write_rows("rows.csv", "x,y,class", rows)
        self.write_rows("test.csv", "x,y,class", rows[:6])
        words = ["train", "classify", *SMALL, "--epochs", "1", "--out", "run", "--overwrite"]
        for split in ("20,10,0", "20,10,6"):
            _, err = self.run_program(*words, "rows.csv", "--test", "test.csv", "--split", split)
            self.assertIn("parts: 20 to train on, 10 to validate, 6 to test", err)
        self.assertEqual(self.json_of("evaluate", "run")["sequences"], 6)
        self.assert_refused([*words, "rows.csv", "--test", "test.csv", "--split", "20,10,10"], 2,
                            "split: found 10 for the test part, expected 0, or 6 as the data has in it")
        self.assert_refused([*words, "rows.csv", "--test", "test.csv", "--split", "35,10,0"], 1,
                            "found 40 examples, expected at least 45")

        parts = ["test" if i % 4 == 0 else "" for i in range(40)]
        self.write_rows("named.csv", "x,y,split,class", [row[:-1] + f"{part},{row[-1]}" for row, part in zip(rows, parts)])
        _, err = self.run_program(*words, "named.csv", "--split", "20,5,0")
        self.assertIn("parts: 20 to train on, 5 to validate, 10 to test", err)
        self.assertEqual(self.json_of("evaluate", "run")["sequences"], 10)
        self.run_program("train", "run/run.toml", "--out", "again")
        self.assertEqual(self.model("run"), self.model("again"))
        self.assert_refused([*words, "named.csv", "--test", "test.csv"], 2, "named.csv says itself", "leave --test out")

    def test_sound_that_cannot_be_made_is_refused_before_anything_is_read(self):
        for words, message in ((["--mels", "200", "--rate", "8000"], "mels: found 200"),
                               (["--hop", "100"], "hop: found 100, expected at least 1 sample and at most the window, 25 ms"),
                               (["--rate", "1"], "rate: found 1, expected at least 2 samples in a window of 25 ms, 60 a second")):
            self.assert_refused(["train", "classify", "none", *words], 2, message)

    def test_a_wrong_command_is_told_what_would_be_right(self):
        self.assert_refused(["train", "classify", "none", "--split", "0.5,0.6,0.1"], 2,
                            "--split: found '0.5,0.6,0.1', shares of 1.2 in all, expected at most 1")
        for job, advice in (("classify", "columns path and label, or put them into a folder"),
                            ("label", "columns path and label"), ("transcribe", "columns path and text")):
            self.assert_refused(["train", job, "a.wav", "b.wav"], 2, "'b.wav' is one argument too many; name several files",
                                advice)
        self.write_rows("rows.csv", "a,b,c,class", ["1,2,3,x", "2,3,4,y"] * 10)
        self.assert_refused(["train", "classify", "rows.csv", "--width", "2"], 1, "a whole number of steps of 2 (--width)")
        (self.folder / "a.tok").write_bytes(b"A x\n\xff\xfe y\n")
        _, err = self.run_program("train", "label", "a.tok", "--format", "tokens", status=1)
        self.assertIn("a.tok line 1: in line 2: found '", err)

    def answer(self, data, *words):
        """What is made of bytes on standard input: exit status, standard output and error."""
        process = self.start("predict", *words, stdin=subprocess.PIPE)
        out, err = process.communicate(data)
        return process.returncode, out.decode(), err.decode()

    def test_sound_on_standard_input_is_read_as_the_file_is(self):
        self.write_tones()
        sound = ["--rate", "8000", "--mels", "12", "--epochs", "3", *SMALL, "--quiet", "--out"]
        self.run_program("train", "classify", "tones", *sound, "class")
        self.write_rows("list.csv", "path,text", [f"tones/{name}/{i:02}.wav,{name[0]}" for name in ("low", "high") for i in range(20)])
        self.run_program("train", "transcribe", "list.csv", *sound, "read")
        self.run_program("train", "transcribe", "list.csv", "--method", "transducer", *sound, "written")
        tone(self.folder / "fast.wav", 300, 0.2, 16000)
        for name in ("tones/low/03.wav", "fast.wav"):
            data = (self.folder / name).read_bytes()
            for words in (["class"], ["class", "--json"], ["read"], ["read", "--beam", "4"], ["read", "--keywords", "l,h"], ["written"]):
                named, _ = self.run_program("predict", words[0], name, *words[1:])
                self.assertEqual(self.answer(data, words[0], "-", *words[1:]), (0, named.replace(name, "standard input"), ""))
        for cut in (12, 30, 44, 1000, len(data) - 1):
            status, out, err = self.answer(data[:cut], "class", "-")
            self.assertEqual((status, out), (1, ""))
            self.assert_one_line(err, "standard input: found ", "the file is truncated" if cut > 12 else "no samples")
        for bad, message in ((b"", "found an empty file, expected WAV, FLAC or OGG audio"), (b"fLaC" + bytes(100), "cannot be decoded"),
                             (bytes(range(256)), "files that are neither text nor WAV, FLAC or OGG are read by their names"),
                             (b"\xff\xfb\x90\x44" * 100, "standard input"), (b"OggS", "the file is truncated"),
                             (b"RIFF\0\0\0\0WAV", "files that are neither text nor WAV, FLAC or OGG")):
            status, out, err = self.answer(bad, "class", "-")
            self.assertEqual((status, out), (1, ""), bad[:20])
            self.assert_one_line(err, "standard input", message)
        rows = "RIFF," + ",".join(f"m{i}" for i in range(11)) + "\n" + ",".join(["0.5"] * 12) + "\n"
        (self.folder / "rows.csv").write_text(rows)  # of a model of sound, too
        named, _ = self.run_program("predict", "class", "rows.csv")
        self.assertEqual(self.answer(rows.encode(), "class", "-"), (0, named.replace("rows.csv", "standard input"), ""))

    def test_good_examples_are_answered_beside_bad_ones(self):
        self.write_tones()
        self.run_program("train", "classify", "tones", *SMALL, "--epochs", "1", "--rate", "8000", "--mels", "12")
        bad = self.folder / "tones/low/07.wav"
        bad.write_bytes(b"RIFF\x00\x00\x00\x00WAVE")
        out, err = self.run_program("predict", "runs/tones", "tones/low", status=1)
        self.assertEqual(len(out.splitlines()), 20)
        self.assertNotIn("07.wav", out)
        self.assertEqual(err.count("07.wav"), 1)
        self.assertIn("19 of 20 are good and have been answered", err)
        self.assertNotIn("--skip-bad", err)
        _, err = self.run_program("predict", "runs/tones", bad, status=1)
        self.assertEqual(err.count("07.wav"), 1)
        out, err = self.run_program("predict", "runs/tones", bad, "tones/low/06.wav", "none.wav", "tones/low/08.wav", status=1)
        self.assertEqual([line.split(",")[0] for line in out.splitlines()[1:]], ["tones/low/06.wav", "tones/low/08.wav"])
        self.assertIn("07.wav: ", err)
        self.assertIn("and 1 more: none.wav", err)
        self.run_program("predict", "runs/tones", bad, "tones/low/06.wav", "-o", "told.csv", status=1)
        self.assertEqual(len((self.folder / "told.csv").read_text().splitlines()), 2)
        _, err = self.run_program("evaluate", "runs/tones", "tones", status=1)
        self.assertEqual(err.count("07.wav"), 1)
        self.assertIn("--skip-bad", err)

    def test_whatever_is_wrong_with_one_example_is_skipped(self):
        words = [*SMALL, "--epochs", "1", "--overwrite", "--out", "run"]
        line = '{{"x": [[{0}, 1], [2, {0}]], "y": "{1}"}}'.format
        lines = ['{"x": [[1, 2, 3]], "y": "a"}', *(line(i, "ab"[i % 2]) for i in range(20)), '{"x": [[1, 2]'
                 , '{"x": [[null, 2]], "y": "a"}']
        (self.folder / "a.jsonl").write_text("\n".join(lines) + "\n")
        _, err = self.run_program("train", "classify", "a.jsonl", *words, "--skip-bad")
        for part in ("examples: 20 sequences", "left out: 3 bad examples",
                     "a.jsonl line 1: found steps of 3 values, expected 2 as most examples have", "a.jsonl line 22: ",
                     "a.jsonl line 23: "):
            self.assertEqual(err.count(part), 1, err)
        self.assert_refused(["train", "classify", "a.jsonl", *words], 1, "a.jsonl line 22: column", "--skip-bad")

        rows = [f"{i % 5},{i % 2},{'ab'[i % 2]}" for i in range(40)]
        self.write_rows("rows.csv", "x,y,class", [*rows, "1,oops,a", "1,2"])
        _, err = self.run_program("train", "classify", "rows.csv", *words, "--skip-bad")
        for part in ("left out: 2 bad examples", "rows.csv line 42: column 'y': found 'oops', expected a number",
                     "rows.csv line 43: found 2 fields, expected 3"):
            self.assertIn(part, err)
        (self.folder / "a.conll").write_text("A x\nB y\n\n" * 20 + "A x\nB\nA x\n\nA y\nB x\n")
        _, err = self.run_program("train", "label", "a.conll", *words, "--skip-bad")
        for part in ("examples: 21 sequences", "left out: 1 bad example", "a.conll line 61: in line 62: found 1 column, expected 2"):
            self.assertIn(part, err)
        (self.folder / "parts.jsonl").write_text("\n".join(lines[1:21] + [lines[1][:-1] + ', "split": "nix"}']) + "\n")
        _, err = self.run_program("train", "classify", "parts.jsonl", *words, "--skip-bad")
        self.assertIn("left out: 1 bad example\n  parts.jsonl line 21: found 'nix', expected train, validation or test", err)
        # What parts are called means nothing to what is only answered.
        self.assertEqual(len(self.run_program("predict", "run", "parts.jsonl")[0].splitlines()), 22)

        self.write_moves()
        files = sorted((self.folder / "moves").glob("*/??.npy"))
        rows = [f"moves/{file.parent.name}/{file.name},{file.parent.name},train" for file in files]
        self.write_rows("list.csv", "path,label,split", [*rows, "moves/up/00.npy,up", "moves/up/00.npy,up,nix"])
        self.assert_refused(["train", "classify", "list.csv", *words], 1, "list.csv line 26: found 2 fields", "--skip-bad")
        _, err = self.run_program("train", "classify", "list.csv", *words, "--skip-bad")
        for part in ("left out: 2 bad examples", "list.csv line 26: found 2 fields, expected 3",
                     "list.csv line 27: found 'nix', expected train, validation or test"):
            self.assertIn(part, err)
        (self.folder / "none.jsonl").write_text('{"x": []}\n{"x": []}\n')
        self.assert_refused(["train", "classify", "none.jsonl", *words, "--skip-bad"], 1, "found no example to train on",
                            "2 bad examples were left out, the first is none.jsonl line 1: found no steps")

    def test_other_data_may_be_of_another_kind(self):
        self.write_moves()
        rows = [f"moves/{way}/{i:02}.npy,{way}" for way in ("up", "down") for i in range(12)]
        self.write_rows("list.csv", "path,label", rows)
        words = ["train", "classify", *SMALL, "--epochs", "1", "--overwrite", "--quiet", "--out"]
        of_folder, of_list = self.folder / "moves", self.folder / "list.csv"
        (of_folder / "down/one.mat").unlink()
        for own, other in ((of_folder, of_list), (of_list, of_folder)):
            self.run_program(*words, "run", own, "--test", other)
            self.assertEqual(self.json_of("evaluate", "run")["sequences"], 24)
            self.assertEqual(self.json_of("evaluate", "run", other)["sequences"], 24)
            self.assert_refused(["evaluate", "run", "sales.csv"], 1, "sales.csv: found no column path or file")

        line = '{{"x": [[{0}, 1], [2, {0}]], "y": "{1}"}}'.format
        (self.folder / "a.jsonl").write_text("".join(line(i, "ab"[i % 2]) + "\n" for i in range(20)))
        self.write_rows("rows.csv", "p,q,class", [f"{i % 5},{i % 2},{'ab'[i % 2]}" for i in range(40)])
        (self.folder / "steps.csv").write_text("p,q\n1,2\n3,4\n")
        (self.folder / "tokens.conll").write_text("A x\nB y\n\n" * 20)
        self.run_program(*words, "run", "a.jsonl", "--test", "list.csv")
        self.assertEqual(self.json_of("evaluate", "run", "list.csv")["sequences"], 24)
        told, _ = self.run_program("predict", "run", "steps.csv", "moves")
        self.assertEqual([row.split(",")[0] for row in told.splitlines()[1:3]], ["steps.csv", "moves/down/00.npy"])
        self.run_program(*words, "run", "rows.csv", "--width", "2", "--test", "a.jsonl")
        self.assertEqual(self.json_of("evaluate", "run", "a.jsonl")["sequences"], 20)
        self.assert_refused(["train", "label", "tokens.conll", "--test", "moves"], 1, "moves: found steps of numbers, expected symbols")

    def test_examples_on_standard_input_are_called_so(self):
        line = '{{"x": [[{0}, 1], [2, {0}]], "y": "{1}"}}\n'.format
        lines = [line(i % 5, "ab"[i % 2]) for i in range(20)]
        (self.folder / "a.jsonl").write_text("".join(lines))
        self.run_program("train", "classify", "a.jsonl", *SMALL, "--epochs", "1", "--out", "run", "--quiet")
        out, err = self.run_program("predict", "run", "-", stdin=lines[0] + '{"x": [[1,\n', status=1)
        self.assertTrue(out.splitlines()[1].startswith("standard input line 1,"), out)
        self.assertTrue(err.startswith("carousel: standard input line 2: column "), err)
        _, err = self.run_program("predict", "run", "-", "-", stdin=lines[0], status=1)
        self.assertIn("standard input: found no examples", err)

    def test_what_means_nothing_to_the_data_is_refused(self):
        line = '{{"x": [[{0}, 1], [2, {0}]], "y": "{1}"}}\n'.format
        (self.folder / "a.jsonl").write_text("".join(line(i % 5, "ab"[i % 2]) for i in range(20)))
        self.write_rows("rows.csv", "p,q,class", [f"{i % 5},{i % 2},{'ab'[i % 2]}" for i in range(40)])
        for option, value in (("--width", "3"), ("--pen", None), ("--rate", "8000"), ("--mels", "12"), ("--hop", "20"),
                              ("--deltas", "1"), ("--audio", "mfcc")):
            words = [option, value] if value else [option]
            self.assert_refused(["train", "classify", "a.jsonl", *words], 2,
                                f"{option}: means nothing to data of format json, only to ")
        self.assert_refused(["train", "classify", "rows.csv", "--rate", "8000"], 2, "--rate: means nothing")
        self.run_program("train", "classify", "a.jsonl", "--test", "rows.csv", "--width", "2", *SMALL, "--epochs", "1",
                         "--out", "run", "--quiet")

    def test_right_everywhere_is_as_good_as_can_be(self):
        self.write_rows("rows.csv", "p,q,class", [f"{9 * (i % 2)},{i % 2},{'ab'[i % 2]}" for i in range(60)])
        out, _ = self.run_program("train", "classify", "rows.csv", *SMALL, "--epochs", "20", "--out", "run", "--quiet")
        self.assertIn("does not beat the baselines: 100.00 % right against 100.00 % of nearest mean", " ".join(out.split()))
        self.assertIn("these data are too easy to tell them apart", " ".join(out.split()))
        self.assertNotIn("More epochs", out)

    def test_what_is_wrong_is_said(self):
        self.assert_refused(["train", "classify"], 2, "DATA, the examples to learn from")
        self.assert_refused(["train", "classify", "none.csv"], 1, "none.csv: cannot be read")
        (self.folder / "data.bin").write_text("x")
        self.assert_refused(["train", "classify", "data.bin"], 2, "cannot be told by its name")
        (self.folder / "pulses.csv").write_text(pulses(10, 2))
        self.assert_refused(["train", "label", "pulses.csv", "--id", "idd"], 2, "did you mean 'id'?")
        self.assert_refused(["train", "transcribe", "pulses.csv", "--join", "5-2"], 2, "the smaller number first")
        self.assert_refused(["train", "classify", "pulses.csv", "--format", "row"], 2, "did you mean 'rows'?")


if __name__ == "__main__":
    unittest.main()
