"""A model of music as a user meets it: train generate, generate, evaluate, resume, report."""
import json
import signal
import struct
import unittest

from support import CliCase

SMALL = ["--hidden", "12", "--dropout", "0", "--batch", "4", "--patience", "0", "--epochs", "40", "--learning-rate", "0.05"]


def piece(number, bars=6):
    """Three notes up, and a chord of two kinds."""
    steps = []
    for bar in range(bars):
        steps += [[60], [64], [67], [55, 71] if (number * 7 + bar * bar) % 3 else [53, 72]]
    return steps


def midi_file(steps, beat=96):
    """A standard MIDI file, format 0, a quarter note a step."""
    track, wait = b"", 0
    for step in steps:
        for pitch in step:
            track += bytes([wait, 0x90, pitch, 70])
            wait = 0
        wait = beat
        for pitch in step:
            track += bytes([wait, 0x80, pitch, 0])
            wait = 0
    track += b"\0\xff\x2f\0"
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, beat) + b"MTrk" + struct.pack(">I", len(track)) + track


def note_events(data):
    """(tick, begins, pitch) of the one track of a file without running status."""
    assert data[:4] == b"MThd" and struct.unpack(">HH", data[8:12]) == (0, 1), data[:14]
    at, tick, events = 22, 0, []
    while at < len(data):
        delta = 0
        while True:
            byte = data[at]
            at += 1
            delta = delta << 7 | byte & 127
            if byte < 128:
                break
        tick += delta
        if data[at] == 0xff:
            at += 3 + data[at + 2]
        else:
            events.append((tick, data[at] >> 4 == 9, data[at + 1]))
            at += 3
    return events


class Music(CliCase):
    def setUp(self):
        super().setUp()
        parts = {"train": range(12), "valid": range(12, 15), "test": range(15, 19)}
        (self.folder / "tunes.json").write_text(json.dumps({name: [piece(i) for i in numbers]
                                                            for name, numbers in parts.items()}))

    def train(self, *words):
        return self.run_program("train", "generate", "tunes.json", *SMALL, *words)

    def test_from_pieces_to_a_song(self):
        out, err = self.train()
        for part in ("nats a step", "frequencies", "step before", "write    carousel generate runs/tunes --out song.mid"):
            self.assertIn(part, out)
        for part in ("music: tunes.json, 19 pieces of 456 steps", "parts: 12 pieces to train on, 3 to validate", "epoch 40/40"):
            self.assertIn(part, err)
        page = (self.folder / "runs/tunes/report.html").read_text()
        for part in ("What it writes, beside a real piece", "Note by note", "The pitches that cost most"):
            self.assertIn(part, page)
        out, _ = self.run_program("generate", "runs/tunes", "--length", "24", "--out", "song.mid")
        self.assertEqual(out, "song.mid: 24 steps, 24 of them new\n")
        events = note_events((self.folder / "song.mid").read_bytes())
        self.assertTrue(events)
        self.assertTrue(all(tick % 480 == 0 and tick <= 24 * 480 for tick, _, _ in events))
        self.run_program("generate", "runs/tunes", "--length", "24", "--steps-per-beat", "4", "--out", "fast.mid")
        fast = note_events((self.folder / "fast.mid").read_bytes())
        self.assertEqual([tick / 4 for tick, _, _ in events], [tick for tick, _, _ in fast])

    def test_a_prompt_is_gone_on_with(self):
        self.train("--quiet")
        (self.folder / "begin.mid").write_bytes(midi_file(piece(1, 1)))
        told = self.json_of("generate", "runs/tunes", "--prompt", "begin.mid", "--length", "3", "--temperature", "0")
        self.assertEqual((told["prompt_steps"], told["file"]), (4, None))
        self.assertEqual(told["steps"][:4], piece(1, 1))
        self.assertEqual(len(told["steps"]), 7)
        lines, _ = self.run_program("generate", "runs/tunes", "--prompt", "begin.mid", "--length", "3", "--temperature", "0")
        self.assertEqual(lines, "".join((" ".join(map(str, step)) or "-") + "\n" for step in told["steps"]))
        (self.folder / "cut.mid").write_bytes(midi_file(piece(1, 1))[:-9])
        self.assert_refused(["generate", "runs/tunes", "--prompt", "cut.mid"], 1, "cut.mid")
        self.assert_refused(["generate", "runs/tunes", "--prompt", "tunes.json"], 1, "found 19 pieces, expected one")

    def test_judged_on_its_test_part_and_on_other_music(self):
        self.train("--quiet")
        judged = self.json_of("evaluate", "runs/tunes")
        self.assertEqual((judged["part"], judged["pieces"], judged["steps"], judged["notes"]), ("test", 4, 96, 120))
        self.assertLess(judged["model"]["nats"], judged["baselines"]["frequencies"]["nats"])
        self.assertAlmostEqual(sum(pitch["nats"] for pitch in judged["pitches"]), judged["model"]["nats"], 6)
        (self.folder / "songs").mkdir()
        for i in range(3):
            (self.folder / f"songs/{i}.mid").write_bytes(midi_file(piece(i)))
        other = self.json_of("evaluate", "runs/tunes", "songs")
        self.assertEqual((other["part"], other["pieces"], other["steps"]), ("all", 3, 72))
        (self.folder / "tunes.json").write_text((self.folder / "tunes.json").read_text() + " ")
        self.assert_no_baselines("runs/tunes", "songs", other, "have changed since.")

    def test_a_folder_of_midi_files_is_learnt_from(self):
        (self.folder / "songs").mkdir()
        for i in range(10):
            (self.folder / f"songs/{i}.mid").write_bytes(midi_file(piece(i)))
        _, err = self.run_program("train", "generate", "songs", *SMALL, "--steps-per-beat", "1", "--transpose", "2")
        self.assertIn("parts: 8 pieces to train on, 1 to validate, 1 to test", err)
        settings = (self.folder / "runs/songs/run.toml").read_text()
        for line in ('unit = "note"', "steps_per_beat = 1", "transpose = 2", 'split = "0.8,0.1,0.1"'):
            self.assertIn(line, settings)
        (self.folder / "songs/0.mid").write_bytes(midi_file(piece(5)))
        self.assert_refused(["evaluate", "runs/songs"], 1, "songs: found checksum")

    def test_a_piece_that_cannot_be_read_is_named_or_left_out(self):
        (self.folder / "songs").mkdir()
        for i in range(10):
            (self.folder / f"songs/{i}.mid").write_bytes(midi_file(piece(i)))
        (self.folder / "songs/4.mid").write_bytes(midi_file(piece(4))[:60])
        words = ["train", "generate", "songs", *SMALL, "--epochs", "1"]
        self.assert_refused(words, 1, "songs/4.mid", "; --skip-bad goes on without such examples")
        out, err = self.run_program(*words, "--skip-bad", "--quiet")
        self.assertTrue(err.startswith("left out: 1 bad example\n  songs/4.mid: "), err)
        self.assertIn("1 bad example left out.", out)
        judged = self.json_of("evaluate", "runs/songs")
        self.assertEqual([bad["example"] for bad in judged["left_out"]], ["songs/4.mid"])
        self.assert_refused(["evaluate", "runs/songs", "songs"], 1, "songs/4.mid", "--skip-bad")
        other = self.json_of("evaluate", "runs/songs", "songs", "--skip-bad")
        self.assertEqual((other["pieces"], len(other["left_out"])), (9, 1))
        self.assert_refused(["train", "generate", "songs/4.mid", "--skip-bad"], 1, "songs/4.mid")

        (self.folder / "song.txt").write_text("la la la\n" * 60)
        words = ["train", "generate", "song.txt", "--hidden", "4", "--epochs", "1", "--quiet"]
        self.assert_refused([*words, "--skip-bad"], 2, "--skip-bad: this is of music")
        self.run_program(*words)
        self.assert_refused(["evaluate", "runs/song", "song.txt", "--skip-bad"], 2, "--skip-bad: it is of music")

    def test_the_same_run_again_and_a_stopped_one_resumed(self):
        self.train("--out", "whole", "--quiet")
        self.run_program("train", "whole/run.toml", "--out", "again", "--quiet")
        self.assertEqual((self.folder / "whole/model.safetensors").read_bytes(),
                         (self.folder / "again/model.safetensors").read_bytes())
        process = self.start("train", "generate", "tunes.json", *SMALL, "--epochs", "3000", "--patience", "0", "--out", "cut")
        for line in process.stderr:
            if line.startswith(b"epoch 1/"):
                break
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
        self.assertEqual(process.returncode, 130)
        self.assertIn(b"carousel resume cut", err)

    def test_what_is_wrong_is_said(self):
        (self.folder / "cut.mid").write_bytes(midi_file(piece(0))[:60])
        self.assert_refused(["train", "generate", "cut.mid"], 1, "cut.mid")
        (self.folder / "silent.mid").write_bytes(midi_file([]))
        self.assert_refused(["train", "generate", "silent.mid"], 1, "silent.mid: found a piece without notes")
        (self.folder / "empty.json").write_text('{"train": [[[60]], []]}')
        self.assert_refused(["train", "generate", "empty.json"], 1, "'train', piece 2: found a piece without notes")
        (self.folder / "bad.mat").write_bytes(b"no MAT file" * 40)
        process = self.start("train", "generate", "bad.mat")
        _, err = process.communicate()
        self.assertIn(process.returncode, (1, 2))  # 2: built without MATLAB files
        self.assertIn(b"bad.mat", err)
        self.assert_refused(["train", "generate", "tunes.json", "--vocabulary", "9"], 2, "vocabulary: this is of texts")
        self.assert_refused(["train", "generate", "tunes.json", "--unit", "nite"], 2, "did you mean 'note'?")
        self.assert_refused(["train", "generate", "tunes.json", "--layers", "bidirectional(lstm 3)"], 2, "looks at")
        self.train("--quiet")
        self.assert_refused(["generate", "runs/tunes", "--top-k", "3"], 2, "--top-k: it is of texts, and runs/tunes writes music")
        self.assert_refused(["generate", "runs/tunes", "--beam", "3"], 2, "--beam: it is of texts")
        self.assert_refused(["generate", "runs/tunes", "--tempo", "1", "--out", "a.mid"], 2, "--tempo")
        self.assert_refused(["suggest", "runs/tunes", "a"], 1, "this model writes music")
        (self.folder / "song.txt").write_text("la la la\n" * 60)
        self.run_program("train", "generate", "song.txt", "--hidden", "4", "--epochs", "1", "--quiet")
        self.assert_refused(["generate", "runs/song", "--out", "a.mid"], 2, "--out: it is of music")


if __name__ == "__main__":
    unittest.main()
