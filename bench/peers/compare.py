"""Runs the works of works.py with every engine in turn, and writes what came out as results.json and as a page.

    compare.py --worker NAME=COMMAND... --folder FOLDER [--rounds N] [--only TEXT] [--without NAME]... [--publish]

Every engine is a process of its own, pinned to as many cores as the work has threads. Before the first round every
engine does the work once (a whole model: five updates) and its results are compared with Carousel's, number by
number. In each round the engines take turns, in another order each time; an engine repeats its pass until 0.06 seconds
are full and gives the median; of these, medians over the rounds are kept, which for an engine that needs more than
three seconds a pass are only the first three, and for more than twenty the first.

More processes take part that are no engines: "limit" measures what the machine can do and keeps the least time that
this leaves for a pass, "call" is a call of ONNX Runtime that computes nothing, and of some works "bf16" and "int8" are
Carousel with its weights kept in fewer bits.

The page goes to FOLDER, and with --publish to docs/ too. That takes all works, at least 10 rounds, and a machine so
quiet that nothing comes out faster than the limit.
"""

import argparse
import json
import os
import random
import shlex
import statistics
import subprocess
import sys
import tempfile
import time

import numpy

import report
from files import write_files
from works import REDUCED, WORKS

ROUND_SECONDS = 0.06  # a round of one engine takes at least so long, or one pass
PAUSE_SECONDS = {1: 0.05, 2: 0.25}  # between engines, by threads: those of the one before may still be busy for a while
SLOW_ROUNDS = {3.0: 3, 20.0: 1}  # an engine whose pass takes longer than so many seconds takes part in few rounds only
AGREEMENT = 1e-5  # distance of a result from Carousel's over the length of Carousel's, as vectors
CHECKED_UPDATES = 5  # of a whole model, before its loss and weights are compared
PUBLISHED_ROUNDS = 10  # at least


def cores():
    """One processor of each core that this process may use; the last first: the first has most interrupts to serve."""
    by_core = {}
    for processor in sorted(os.sched_getaffinity(0)):
        with open(f"/sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list") as file:
            by_core[file.read()] = processor
    return sorted(by_core.values(), reverse=True)


class Worker:
    def __init__(self, name, command, threads):
        self.name, self.threads = name, threads
        processors = ",".join(map(str, cores()[:threads]))
        self.process = subprocess.Popen(
            ["taskset", "-c", processors, *command.split()],
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

    def demand(self, line):
        answer = self.ask(line)
        if answer.startswith("cannot "):
            raise SystemExit(f"{self.name}: {answer} (asked: {line})")
        return answer

    def run(self, repeats):
        time.sleep(PAUSE_SECONDS[min(2, self.threads)])
        return float(self.demand(f"run {repeats}"))

    def result(self, folder):
        """Of the last run."""
        path = f"{folder}/{self.name}.f32"
        self.demand(f"result {path}")
        values = numpy.fromfile(path, "f4").astype("f8")
        os.remove(path)
        return values

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def compare_results(work, results):
    """Ends the program unless every engine's results are Carousel's, part by part."""
    shapes = work.result_shapes()
    sizes = [int(numpy.prod(shape)) for shape in shapes.values()]
    for name, values in results.items():
        if values.size != sum(sizes):
            raise SystemExit(f"{work.name()}: {name} computed {values.size} values instead of {sum(sizes)}")
        begin = 0
        for part, size in zip(shapes, sizes):
            own, other = (v[begin : begin + size] for v in (results["carousel"], values))
            difference, length = numpy.linalg.norm(other - own), numpy.linalg.norm(own)
            if not difference <= AGREEMENT * length:  # so that a NaN does not pass either, Carousel's own included
                raise SystemExit(
                    f"{work.name()}: {name} and carousel differ in {part} by {difference:.3g}, "
                    f"where its length is {length:.3g}"
                )
            begin += size


def load(work, commands, folder):
    """The workers of the engines that can do the work, by name, and the reasons of those that cannot."""
    workers, refused = {}, {}
    for name, command in commands.items():
        workers[name] = Worker(name, command, work.threads)
        answer = workers[name].ask("load " + work.command(folder))
        if answer != "ok":
            refused[name] = answer
            workers.pop(name).close()
    return workers, refused


def load_no_engines(work, commands, engines, folder):
    workers = {}

    def add(name, engine, direction):
        workers[name] = Worker(name, commands[engine], work.threads)
        workers[name].demand("load " + work.command(folder, direction))

    for variant in ("limit", *(REDUCED if work.reduced else ())):
        add(variant, "carousel", f"{variant}-{work.direction}")
    if "onnxruntime" in engines:
        add("call", "onnxruntime", "call")
    return workers


def drift(results, reduced):
    """Root mean square difference, as a share of the standard deviation of what float32 weights give."""
    return float(numpy.sqrt(numpy.mean((reduced - results) ** 2)) / numpy.std(results))


def rounds_of(seconds, rounds):
    """In how many of so many rounds an engine takes part whose pass takes so many seconds."""
    return min([rounds, *(few for slow, few in SLOW_ROUNDS.items() if seconds > slow)])


def take_turns(workers, rounds, first):
    """Seconds of a pass of each worker, round by round; first: of a first pass, of those who have made one."""
    once, seconds = dict(first), {name: [] for name in workers}
    for name, worker in workers.items():
        if rounds_of(once.get(name, 0), rounds) == rounds:
            once[name] = worker.run(3)
    order = random.Random(1)  # so that no engine always runs after the same one
    for turn in range(rounds):
        for name in order.sample(list(workers), len(workers)):
            if turn < rounds_of(once[name], rounds):
                repeats = min(1000, max(1, round(ROUND_SECONDS / once[name])))
                seconds[name].append(workers[name].run(repeats))
    return seconds


def compare(work, commands, rounds):
    with tempfile.TemporaryDirectory() as folder:
        write_files(work, folder)
        engines, refused = load(work, commands, folder)
        if "carousel" not in engines:
            raise SystemExit(f"{work.name()}: carousel: {refused['carousel']}")
        results, first = {}, {}
        for name, worker in engines.items():
            first[name] = worker.run(CHECKED_UPDATES if work.whole_model() else 1)
            results[name] = worker.result(folder)
        compare_results(work, results)
        workers = {**engines, **load_no_engines(work, commands, engines, folder)}
        measured = take_turns(workers, rounds, first)
        (least_seconds,) = workers["limit"].result(folder)
        drifts = {name: drift(results["carousel"], workers[name].result(folder)) for name in REDUCED if name in workers}
        for worker in workers.values():
            worker.close()
    seconds = {name: statistics.median(values) for name, values in measured.items()}
    return {
        "least_seconds": least_seconds,
        "call": seconds.get("call"),
        "reduced": {name: {"seconds": seconds[name], "drift": drifts[name]} for name in drifts},
        "seconds": {name: seconds[name] for name in engines},
        "refused": refused,
    }


def read_arguments():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--worker", action="append", required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--only", default="")
    parser.add_argument("--without", action="append", default=[])
    parser.add_argument("--publish", action="store_true")
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("--rounds: at least 1")
    if arguments.publish and (arguments.only or arguments.rounds < PUBLISHED_ROUNDS):
        parser.error(f"--publish takes all works (no --only) and at least {PUBLISHED_ROUNDS} rounds")
    arguments.commands = dict(worker.split("=", 1) for worker in arguments.worker)
    for name in arguments.without:
        if name == "carousel" or name not in arguments.commands:
            parser.error(f"--without: can be {', '.join(n for n in arguments.commands if n != 'carousel')}, got {name}")
        del arguments.commands[name]
    return arguments


def command(arguments):
    """What run.sh was asked, for the page."""
    words = ["bench/peers/run.sh", "--rounds", str(arguments.rounds)]
    words += ["--only", arguments.only] if arguments.only else []
    for name in arguments.without:
        words += ["--without", name]
    return shlex.join([*words, *(["--publish"] if arguments.publish else [])])


def main():
    arguments = read_arguments()
    works = [work for work in WORKS if arguments.only in work.name()]
    possible = [work for work in works if work.threads <= len(cores())]
    left_out = [work.name() for work in works if work not in possible]
    for name in left_out:
        print(f"{name}: left out, for want of as many cores ({len(cores())} to be used)", file=sys.stderr)
    if not possible:
        raise SystemExit(f"nothing to do: {len(works)} works have {arguments.only!r} in their names")
    rows = []
    for work in possible:
        rows.append({"work": work.name(), **compare(work, arguments.commands, arguments.rounds)})
        times = "  ".join(f"{name} {1e3 * s:.3f}" for name, s in rows[-1]["seconds"].items())
        share = report.share(rows[-1])
        print(f"{work.name()}: {times} ms; carousel {share:.0%} of the limit", file=sys.stderr, flush=True)
    result = {"command": command(arguments), "rounds": arguments.rounds, "left_out": left_out, "works": rows}
    with open(f"{arguments.folder}/results.json", "w") as file:
        json.dump(result, file, indent=1)
    report.write(result, arguments.folder, arguments.folder)
    if busy := [row["work"] for row in rows if report.share(row) > 1]:
        raise SystemExit(f"not to be believed, other work took the processors while the limit ran: {'; '.join(busy)}")
    if arguments.publish:
        report.write(result, arguments.folder, "docs")


if __name__ == "__main__":
    main()
