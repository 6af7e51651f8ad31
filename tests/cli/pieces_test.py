"""Byte-pair pieces as a user meets them: train, evaluate, generate, predict, and a model file that is broken."""
import json
import struct
import unittest

from support import CliCase

TEXT = "".join(f"Zeile {i % 7} eines Liedes,  das weitergeht – größer\n" for i in range(300))
SMALL = ["--hidden", "12", "--embedding", "4", "--batch", "4", "--epochs", "2", "--learning-rate", "0.02", "--quiet"]


class Pieces(CliCase):
    def setUp(self):
        super().setUp()
        (self.folder / "song.txt").write_text(TEXT)

    def train(self, *words):
        return self.run_program("train", "generate", "song.txt", "--unit", "piece", "--vocabulary", "280", *SMALL, *words)

    def parts(self, model):
        """The header of a model file, and the bytes behind it."""
        data = (self.folder / model).read_bytes()
        size = struct.unpack("<Q", data[:8])[0]
        return json.loads(data[8:8 + size]), data[8 + size:]

    def rewrite(self, source, target, change):
        """Copies a model file with other metadata."""
        header, tensors = self.parts(source)
        change(header["__metadata__"])
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 64)
        (self.folder / target).write_bytes(struct.pack("<Q", len(text)) + text + tensors)

    def test_from_a_text_to_more_of_it(self):
        out, _ = self.train()
        for part in ("nats a piece", "nats a character", "bits a character"):
            self.assertIn(part, out)
        # Hardly trained, at a high temperature: bytes at random.
        text, _ = self.run_program("generate", "runs/song", "--prompt", "Zeile ä", "--length", "400", "--temperature", "50")
        self.assertTrue(text.startswith("Zeile ä"))
        self.assertIn("\ufffd", text)
        told = self.json_of("generate", "runs/song", "--prompt", "Zeile ä", "--length", "400", "--temperature", "50")
        self.assertEqual(told["prompt"] + told["text"] + "\n", text)
        found = self.json_of("generate", "runs/song", "--length", "20", "--beam", "3")
        self.assertGreaterEqual(len(found["text"]), 15)
        (self.folder / "other.txt").write_text("日本語 и русский\t🎠\n" * 9)
        other = self.json_of("evaluate", "runs/song", "other.txt")
        self.assertEqual(other["unknown"], 0)
        self.assertLess(other["model"]["nats_per_character"] * 0.99, other["model"]["bits_per_character"])
        _, err = self.run_program("suggest", "runs/song", "Zei", status=1)
        self.assertIn("the model tells pieces", err)
        (self.folder / "song.txt").unlink()
        self.run_program("generate", "runs/song/model.safetensors", "--length", "5")  # needs nothing else

    def test_threads_do_not_show(self):
        self.train("--threads", "1", "--out", "one")
        self.train("--threads", "2", "--out", "two")
        self.assertEqual((self.folder / "one/model.safetensors").read_bytes(),
                         (self.folder / "two/model.safetensors").read_bytes())

    def test_a_text_too_short_for_so_many_is_said_to_be(self):
        _, err = self.run_program("train", "generate", "song.txt", "--unit", "piece", "--vocabulary", "5000",
                                  *[word for word in SMALL if word != "--quiet"])
        self.assertIn("it is too short for 5,000", err)
        self.assert_refused(["train", "generate", "song.txt", "--unit", "piece", "--vocabulary", "200", "--out", "other"], 2,
                            "--vocabulary: found 200, expected 257 or more")

    def test_lines_are_translated_in_pieces(self):
        (self.folder / "pairs.tsv").write_text("".join(f"Nr. {i % 60}  älter\tno {i % 60}  older\n" for i in range(200)))
        out, _ = self.run_program("train", "translate", "pairs.tsv", "--source-unit", "piece", "--target-unit", "piece",
                                  "--vocabulary", "280", *SMALL)
        for part in ("% of words wrong", "BLEU"):
            self.assertIn(part, out)
        out, _ = self.run_program("predict", "runs/pairs", "-", stdin="Nr. 3  älter\n\n語\n")
        self.assertEqual(len(out.splitlines()), 3)
        self.assertEqual(out.splitlines()[1], "")

    def test_a_broken_list_of_pieces_is_refused(self):
        self.train()
        model = "runs/song/model.safetensors"
        self.rewrite(model, "same.safetensors", lambda metadata: None)
        self.run_program("generate", "same.safetensors", "--length", "3")
        whole = json.loads(self.parts(model)[0]["__metadata__"]["vocabulary"])
        for broken, message in (
                ("{\"byte_pairs\": [\"ab", "vocabulary: "),
                ("\u0000\u0001garbage", "vocabulary: "),
                ("[" * 200000, "vocabulary: "),
                ("[\"a\"]", "expected byte_pairs"),
                (json.dumps({"byte_pairs": whole["byte_pairs"][:-1]}), "outputs, expected"),
                (json.dumps({"byte_pairs": whole["byte_pairs"] + ["x" * 50 + str(i) for i in range(100000)]}),
                 "outputs, expected"),
                (json.dumps({"byte_pairs": whole["byte_pairs"][:-1] + whole["byte_pairs"][:1]}), "is there twice")):
            self.rewrite(model, "bad.safetensors", lambda metadata: metadata.update(vocabulary=broken))
            for command in (["generate", "bad.safetensors"], ["evaluate", "bad.safetensors"]):
                self.assert_refused(command, 1, message)


if __name__ == "__main__":
    unittest.main()
