"""convert --weights, predict --weights, and models that keep their weights in fewer bits."""
import json
import os
import shutil
import struct
import unittest

from support import CliCase


class Convert(CliCase):
    def setUp(self):
        super().setUp()
        self.train("runs/a")

    def header(self, name):
        data = (self.folder / name).read_bytes()
        return json.loads(data[8:8 + struct.unpack("<Q", data[:8])[0]])

    def test_tells_sizes_drift_and_scores(self):
        shapes = [tensor["shape"] for tensor in self.json_of("inspect", "runs/a")["tensors"]]
        matrices = sum(shape[0] * shape[1] for shape in shapes if len(shape) == 2)
        for weights, saved in (("bf16", 2), ("int8", 3)):
            out, err = self.run_program("convert", "runs/a", "small", "--weights", weights)
            self.assertEqual(err, "")
            share = round(100 * (self.folder / "small").stat().st_size / len(self.model("runs/a")))
            self.assertIn(f"bytes in {weights}, {share} % of that", out)
            self.assertIn("windows of the test part of sales.csv", " ".join(out.split()))
            self.assertIn("sold  RMSE", out)
            result = self.json_of("convert", "runs/a", "small", "--weights", weights)
            self.assertEqual(result["bytes_before"], len(self.model("runs/a")))
            self.assertEqual(result["bytes_after"], (self.folder / "small").stat().st_size)
            # The header grows by the names of the scales.
            self.assertGreater(result["bytes_before"] - result["bytes_after"], saved * matrices - 1500)
            drift = result["drift"]
            self.assertTrue(0 < drift["rms"] < drift["largest"] < 0.5 * drift["spread"], drift)
            self.assertEqual(drift["non_finite"], 0)
            metrics = self.json_of("evaluate", "runs/a")["targets"][0]["model"]
            self.assertEqual(result["scores"][0]["float32"]["rmse"], metrics["rmse"])
            converted = self.json_of("evaluate", "small")["targets"][0]["model"]
            self.assertEqual(result["scores"][0][weights]["rmse"], converted["rmse"])
            self.assertNotEqual(metrics["rmse"], converted["rmse"])

    def test_predicting_from_the_file_or_on_request_is_the_same(self):
        plain, _ = self.run_program("predict", "runs/a", "sales.csv")
        for weights in ("bf16", "int8"):
            self.run_program("convert", "runs/a", "small", "--weights", weights)
            asked, _ = self.run_program("predict", "runs/a", "sales.csv", "--weights", weights)
            self.assertEqual(self.run_program("predict", "small", "sales.csv")[0], asked)
            self.assertEqual(self.run_program("predict", "small", "sales.csv", "--weights", weights)[0], asked)
            rows = (self.folder / "sales.csv").read_text()
            stream, _ = self.run_program("predict", "runs/a", "-", "--weights", weights, stdin=rows)
            self.assertEqual(stream.splitlines()[-3:], asked.splitlines()[-3:])
            self.assertNotEqual(asked, plain)
        self.assertEqual(self.run_program("predict", "runs/a", "sales.csv", "--weights", "float32")[0], plain)

    def test_the_file(self):
        self.run_program("convert", "runs/a", "small", "--weights", "int8")
        before, after = self.header("runs/a/model.safetensors"), self.header("small")
        self.assertEqual(after["layers.0.R"]["dtype"], "I8")
        self.assertEqual(after["layers.0.R.scale"], {**after["layers.0.R.scale"], "dtype": "F32", "shape": [48]})
        self.assertEqual(after["layers.0.b"]["dtype"], "F32")
        changed = {"format_version": "2", "weights": "int8"}
        self.assertEqual(after["__metadata__"], {**before["__metadata__"], **changed})
        self.assertEqual(self.json_of("inspect", "small")["weights"], "int8")
        self.assertIn("matrices in int8", self.run_program("inspect", "small")[0])

    def test_samples(self):
        shutil.copy(self.folder / "sales.csv", self.folder / "other.csv")
        result = self.json_of("convert", "runs/a", "small", "--weights", "int8", "--sample", "other.csv")
        self.assertEqual((result["drift"]["sample"], result["drift"]["test_part"]), ("other.csv", False))
        (self.folder / "sales.csv").unlink()
        out, _ = self.run_program("convert", "runs/a", "small", "--weights", "int8")
        self.assertIn("standard normal numbers (seed 0)", " ".join(out.split()))
        one, two = (self.json_of("convert", "runs/a", "small", "--weights", "int8", "--seed", seed)["drift"] for seed in "12")
        self.assertNotEqual(one["largest"], two["largest"])
        self.assertEqual(one, self.json_of("convert", "runs/a", "small", "--weights", "int8", "--seed", "1")["drift"])

    def test_what_cannot_be_done(self):
        self.assert_refused(["convert", "runs/a", "small"], 2, "--weights: say bf16 or int8")
        self.assert_refused(["convert", "runs/a", "small", "--weights", "float32"], 2, "expected bf16 or int8")
        self.assert_refused(["convert", "runs/a", "small", "--weights", "int9"], 2, "--weights: 'int9'", "'int8'")
        self.assert_refused(["predict", "runs/a", "sales.csv", "--weights", "int9"], 2, "--weights: 'int9'", "'int8'")
        self.assert_refused(["convert", "runs/a", "--weights", "int8"], 2, "OUT")
        self.assert_refused(["convert", "nowhere", "small", "--weights", "int8"], 1, "nowhere")
        self.assert_refused(["convert", "runs/a", "no/folder/small", "--weights", "int8"], 1, "no/folder/small")
        self.assert_refused(["convert", "runs/a", "small", "--weights", "int8", "--sample", "no.csv"], 1, "no.csv")
        self.assert_refused(["convert", "runs/a", "runs/a/model.safetensors", "--weights", "int8"], 2, "is IN itself")
        self.assertFalse((self.folder / "small").exists(), "a refused command leaves nothing behind")
        self.run_program("convert", "runs/a", "small", "--weights", "int8")
        self.assert_refused(["predict", "small", "sales.csv", "--weights", "bf16"], 1, "small: keeps its weights as int8", "no bf16")
        for weights in ("bf16", "int8"):
            self.assert_refused(["convert", "small", "more", "--weights", weights], 1, "small: already keeps its weights as int8")
        self.assert_refused(["convert", "runs/a", "-", "--weights", "int8"], 2, "OUT", "not to standard output")

    def test_nothing_that_is_still_needed_is_overwritten(self):
        shutil.copy(self.folder / "sales.csv", self.folder / "other.csv")
        os.link(self.folder / "sales.csv", self.folder / "link.csv")
        for out, words, what in (("other.csv", ["--sample", "other.csv"], "is the sample"),
                                 ("link.csv", ["--sample", "sales.csv"], "is the sample"),
                                 ("sales.csv", ["--sample", "other.csv"], "is the data that the model was trained on"),
                                 ("link.csv", [], "is the data that the model was trained on")):
            before = (self.folder / out).read_bytes()
            self.assert_refused(["convert", "runs/a", out, "--weights", "int8", *words], 2, f"OUT: {out} {what}")
            self.assertEqual((self.folder / out).read_bytes(), before)


if __name__ == "__main__":
    unittest.main()
