"""Standard input, output and error: streams, pipes that close, disks that fill."""
import os
import subprocess
import unittest

from support import PROGRAM, TRAINING, CliCase, environment, limit_file_size, waves


class Streams(CliCase):
    def setUp(self):
        super().setUp()
        self.train("runs/a")

    def test_stream_equals_file_after_each_row(self):
        rows = waves().splitlines()
        out, _ = self.run_program("predict", "runs/a", "-", stdin="\n".join(rows[:41]) + "\n")
        lines = out.splitlines()
        self.assertEqual(len(lines), 1 + 40 * 3)
        for count in (1, 2, 12, 13, 40):
            (self.folder / "some.csv").write_text("\n".join(rows[:count + 1]) + "\n")
            whole, _ = self.run_program("predict", "runs/a", "some.csv")
            self.assertEqual(whole.splitlines(), [lines[0], *lines[1 + 3 * (count - 1):1 + 3 * count]], f"after {count} rows")

    def test_stream_answers_row_by_row(self):
        """Each row's forecast comes before the next row is sent; only the first ones may wait to be looked at."""
        process = self.start("predict", "runs/a", "-", "--quiet", stdin=subprocess.PIPE)
        rows = waves().splitlines(keepends=True)
        process.stdin.write("".join(rows[:4]).encode())
        process.stdin.flush()
        for _ in range(1 + 3 * 3):
            self.assertTrue(process.stdout.readline())
        for row in rows[4:8]:
            process.stdin.write(row.encode())
            process.stdin.flush()
            for _ in range(3):
                self.assertTrue(process.stdout.readline())
        process.stdin.close()
        self.assertEqual(process.stdout.read(), b"")
        process.stdout.close()
        process.stderr.close()
        self.assertEqual(process.wait(), 0)

    def test_wrong_row_of_a_stream(self):
        rows = waves().splitlines(keepends=True)
        out, err = self.run_program("predict", "runs/a", "-", stdin="".join(rows[:10]) + "2021-01-10,many,3\n", status=1)
        self.assertEqual(len(out.splitlines()), 1 + 9 * 3, "the rows before have been answered")
        self.assert_one_line(err, "standard input", "line 11", "many")
        _, err = self.run_program("predict", "runs/a", "-", stdin="".join(rows[:10]) + "2021-01-10,,3\n", status=1)
        self.assert_one_line(err, "standard input", "line 11", "to allow it, train with --missing")

    def test_output_file(self):
        out, err = self.run_program("predict", "runs/a", "sales.csv", "-o", "next.csv")
        self.assertEqual(out, "")
        self.assertIn("next.csv", err)
        whole, _ = self.run_program("predict", "runs/a", "sales.csv")
        self.assertEqual((self.folder / "next.csv").read_text(), whole)

    def test_reader_that_goes_away(self):
        """As `| head -1`: no complaint, no endless work."""
        process = self.start("predict", "runs/a", "-", stdin=subprocess.PIPE)
        process.stdin.write("\n".join(waves().splitlines()[:3]).encode() + b"\n")
        process.stdin.flush()
        self.assertTrue(process.stdout.readline().startswith(b"day,"))
        process.stdout.close()
        try:
            process.stdin.write("\n".join(waves().splitlines()[3:]).encode() + b"\n")
            process.stdin.close()
        except BrokenPipeError:
            pass
        self.assertEqual(process.stderr.read(), b"")
        process.stderr.close()
        self.assertEqual(process.wait(), 1)

    def test_help_into_a_closed_pipe(self):
        done = subprocess.run(["bash", "-c", f"'{PROGRAM}' train forecast --help | head -1; echo ${{PIPESTATUS[1]}}"],
                              capture_output=True, text=True, env=environment())
        self.assertEqual(done.stderr, "")
        self.assertTrue(done.stdout.endswith("\n0\n"))

    def test_standard_output_full_or_closed(self):
        for words in (["evaluate", "runs/a"], ["predict", "runs/a", "sales.csv"], ["inspect", "runs/a"], ["--help"]):
            with self.subTest(words=words), open("/dev/full", "w") as full:
                _, err = self.run_program(*words, status=1, stdout=full)
                self.assert_one_line(err, "standard output", "No space left")
        done = subprocess.run(["sh", "-c", f"exec '{PROGRAM}' evaluate runs/a >&-"], cwd=self.folder, capture_output=True,
                              text=True, env=environment())
        self.assertEqual(done.returncode, 1)
        self.assert_one_line(done.stderr, "standard output")

    def test_closed_streams_do_not_end_up_in_files(self):
        words = " ".join(["train", "forecast", "sales.csv", "--target", "sold", *TRAINING, "--epochs", "2"])
        for streams in ("<&- >&- 2>&-", "2>&-"):
            run = "runs/closed" + str(len(streams))
            subprocess.run(["sh", "-c", f"exec '{PROGRAM}' {words} --out {run} {streams}"], cwd=self.folder, env=environment(), stdout=subprocess.DEVNULL)
            for file in ("log.jsonl", "run.toml"):
                text = (self.folder / run / file).read_text()
                self.assertNotIn("RMSE", text)
                self.assertNotIn("epoch 1/2", text)
            self.json_of("inspect", run)


class FullDisk(CliCase):
    def test_file_size_limit(self):
        """The checkpoint cannot be written: error with the name and the reason, the old one whole, resume works."""
        self.train("whole", options=TRAINING)
        process = self.start("train", "forecast", "sales.csv", "--target", "sold", *TRAINING, "--out", "run")
        while not process.stderr.readline().startswith(b"epoch 2/"):
            self.assertIsNone(process.poll())
        process.send_signal(2)
        process.communicate()
        self.assertEqual(process.returncode, 130)
        checkpoint = (self.folder / "run/checkpoint.safetensors").read_bytes()
        out, err = self.run_program("resume", "run", "--quiet", status=1, preexec_fn=limit_file_size(len(checkpoint) // 2))
        self.assertEqual(out, "")
        self.assert_one_line(err, "run/checkpoint.safetensors", "larger than")
        self.assertEqual((self.folder / "run/checkpoint.safetensors").read_bytes(), checkpoint)
        self.run_program("resume", "run")
        self.assertEqual(self.model("run"), self.model("whole"))

    def test_small_disk(self):
        """The same on a disk that is really full. Where mounting is not permitted, the test above stands for it."""
        script = """
        set -e
        mount -t tmpfs -o size=4m none "$2"
        "$1" train forecast sales.csv --target sold $3 --epochs 2 --out "$2/run" --quiet >/dev/null
        cp -r "$2/run" kept
        dd if=/dev/zero of="$2/filler" bs=1k 2>/dev/null || true
        for words in "report $2/run" "predict $2/run sales.csv -o $2/next.csv" "train forecast sales.csv $3 --out $2/other"; do
          status=0; "$1" $words --quiet 2>>errors >/dev/null || status=$?
          echo $status >>statuses
        done
        test ! -e "$2/next.csv"
        for file in run.toml model.safetensors checkpoint.safetensors log.jsonl report.html; do cmp "$2/run/$file" "kept/$file"; done
        rm "$2/filler"
        "$1" report "$2/run" >/dev/null
        """
        (self.folder / "disk").mkdir()
        if subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", str(self.folder / "disk")], capture_output=True).returncode:
            print("note: mounting a tmpfs is not permitted here; the full disk is tested by a limit on file sizes alone")
            return
        done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", PROGRAM, "disk", " ".join(TRAINING)], cwd=self.folder,
                              capture_output=True, text=True, env=environment())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual((self.folder / "statuses").read_text().split(), ["1", "1", "1"])
        errors = (self.folder / "errors").read_text().splitlines()
        self.assertEqual(len(errors), 3, errors)
        for error in errors:
            self.assertIn("no space left on the disk", error)
            self.assertIn("disk/", error)


if __name__ == "__main__":
    unittest.main()
