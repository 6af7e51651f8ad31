"""Runs the works of works.py with every engine in turn, and writes what came out as JSON.

    compare.py --worker NAME=COMMAND... --out FILE [--rounds N] [--only TEXT] [--without NAME]...

Every engine is a process of its own, pinned to as many processors as the work has threads. In each round each
engine does the same work once after the other; the figures are medians over rounds, of which very slow engines see
only the first few. Before the first round the
engines' results are held against each other.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy

from works import SYMBOLS, WORKS

ROUND_SECONDS = 0.06  # a round of one engine takes at least so long, or one pass
PAUSE_SECONDS = 0.25  # between engines with threads: those of the one before may still spin for a while
SLOW_SECONDS = 1.0  # an engine whose pass takes longer takes part in few rounds only
SLOW_ROUNDS = 3
AGREEMENT = 1e-4  # of the engines' checksums, relative
CHECKED_UPDATES = 5  # of a whole model: the loss that is compared comes after four changes of its weights


class Worker:
    def __init__(self, name, command, threads):
        self.name, self.threads = name, threads
        processors = sorted(os.sched_getaffinity(0))[-threads:]
        self.process = subprocess.Popen(
            ["taskset", "-c", ",".join(map(str, processors)), *command.split()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)},
        )

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if not answer:
            raise SystemExit(f"{self.name}: ended while asked: {line}")
        return answer

    def run(self, repeats):
        time.sleep(PAUSE_SECONDS if self.threads > 1 else 0)
        seconds, checksum = map(float, self.ask(f"run {repeats}").split())
        return seconds, checksum

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def write_files(work, folder):
    random = numpy.random.default_rng(1)
    uniform = lambda *shape: random.uniform(-1, 1, shape).astype("f4")
    symbols = lambda: random.integers(SYMBOLS, size=(work.T, work.B)).astype("f4")
    whole = work.direction == "characters"
    (symbols() if whole else uniform(work.T, work.B, work.F)).tofile(f"{folder}/x.f32")
    (symbols() if whole else uniform(work.T, work.B, work.directions * work.H)).tofile(f"{folder}/dy.f32")
    layers, rows = [], work.gates() * work.H
    for inputs in work.widths():
        for _ in range(work.directions):
            matrices = [uniform(rows, n) / numpy.float32(work.H**0.5) for n in (inputs, work.H)]
            layers.append([*matrices, uniform(rows), *([uniform(work.H)] if work.cell == "gru" else [])])
    if whole:
        embedding, dense = uniform(SYMBOLS, work.F), uniform(SYMBOLS, work.H) / numpy.float32(work.H**0.5)
        layers = [[embedding], *layers, [dense, uniform(SYMBOLS)]]
    numpy.concatenate([part.ravel() for layer in layers for part in layer]).tofile(f"{folder}/weights.f32")
    if work.direction == "inference":
        write_onnx(work, layers, f"{folder}/model.onnx")


def write_onnx(work, layers, path):
    from onnx import TensorProto, checker, helper, numpy_helper, save

    D, H, rows = work.directions, work.H, work.gates() * work.H

    def ours_to_onnx(values):
        """Gates i, f, g, o to ONNX's i, o, f, c. The files' z, r, n are ONNX's z, r, h."""
        if work.cell == "gru":
            return values
        i, f, g, o = numpy.split(values, 4)
        return numpy.concatenate([i, o, f, g])

    nodes, initialisers, name = [], [], "x"
    for layer in range(work.layers):
        own = layers[layer * D : (layer + 1) * D]
        for part, letter in ((0, "W"), (1, "R")):
            values = numpy.stack([ours_to_onnx(direction[part]) for direction in own])
            initialisers.append(numpy_helper.from_array(values, f"{letter}{layer}"))
        second = lambda d: [numpy.zeros(2 * H, "f4"), d[3]] if work.cell == "gru" else [numpy.zeros(rows, "f4")]
        bias = numpy.stack([numpy.concatenate([ours_to_onnx(d[2]), *second(d)]) for d in own])
        initialisers.append(numpy_helper.from_array(bias, f"B{layer}"))
        options = {"linear_before_reset": 1} if work.cell == "gru" else {}
        nodes.append(
            helper.make_node(
                work.cell.upper(),
                [name, f"W{layer}", f"R{layer}", f"B{layer}"],
                [f"y{layer}"],
                hidden_size=H,
                direction="bidirectional" if D == 2 else "forward",
                **options,
            )
        )
        # [T, D, B, H] -> [T, B, D * H]
        nodes.append(helper.make_node("Transpose", [f"y{layer}"], [f"t{layer}"], perm=[0, 2, 1, 3]))
        shape = numpy_helper.from_array(numpy.array([0, 0, D * H], "i8"), f"s{layer}")
        initialisers.append(shape)
        name = "y" if layer == work.layers - 1 else f"x{layer + 1}"
        nodes.append(helper.make_node("Reshape", [f"t{layer}", f"s{layer}"], [name]))
    describe = lambda name, *shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    graph = helper.make_graph(
        nodes,
        "recurrent",
        [describe("x", work.T, work.B, work.F)],
        [describe("y", work.T, work.B, D * H)],
        initialisers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    checker.check_model(model)
    save(model, path)


def agree(work, checksums):
    middle = statistics.median(checksums.values())
    for name, value in checksums.items():
        if abs(value - middle) > AGREEMENT * abs(middle):
            raise SystemExit(f"{work.name()}: the engines' results differ: {checksums}")


def compare(work, commands, rounds):
    with tempfile.TemporaryDirectory() as folder:
        write_files(work, folder)
        workers, refused = [], {}
        limit = Worker("limit", commands["carousel"], work.threads)
        limit.ask("load " + work.command(folder).replace(work.direction, "limit", 1))
        for name, command in commands.items():
            worker = Worker(name, command, work.threads)
            answer = worker.ask("load " + work.command(folder))
            if answer == "ok":
                workers.append(worker)
            else:
                refused[name] = answer
                worker.close()
        repeats, slow, checksums, seconds = {}, {}, {}, {worker.name: [] for worker in workers}
        for worker in workers:
            once, checksums[worker.name] = worker.run(CHECKED_UPDATES if work.direction == "characters" else 1)
            if once < SLOW_SECONDS:
                once, _ = worker.run(3)
            slow[worker.name] = once > SLOW_SECONDS
            repeats[worker.name] = min(1000, max(1, round(ROUND_SECONDS / once)))
        agree(work, checksums)
        limits = []
        for turn in range(rounds):
            limit_seconds, operations = limit.run(5)
            limits.append(operations / limit_seconds)
            for worker in workers:
                if turn < SLOW_ROUNDS or not slow[worker.name]:
                    seconds[worker.name].append(worker.run(repeats[worker.name])[0])
        for worker in [*workers, limit]:
            worker.close()
    return {"limit": statistics.median(limits), "seconds": {name: statistics.median(list_) for name, list_ in seconds.items()}, "refused": refused}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--worker", action="append", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--only", default="")
    parser.add_argument("--without", action="append", default=[])
    arguments = parser.parse_args()
    commands = dict(worker.split("=", 1) for worker in arguments.worker)
    for name in arguments.without:
        commands.pop(name)
    results = []
    for work in WORKS:
        if arguments.only not in work.name():
            continue
        result = compare(work, commands, arguments.rounds)
        results.append({"work": work.name(), "operations": work.operations(), "characters": work.characters(), **result})
        times = "  ".join(f"{name} {1e3 * s:.3f}" for name, s in result["seconds"].items())
        share = work.operations() / result["seconds"]["carousel"] / result["limit"]
        print(f"{work.name()}: {times} ms; carousel {share:.0%} of the limit", file=sys.stderr, flush=True)
    with open(arguments.out, "w") as file:
        json.dump({"rounds": arguments.rounds, "works": results}, file, indent=1)


main()
