"""The page performance-peers.md, with its picture images/peers.svg, from what compare.py measured."""

import datetime
import json
import os
import platform
import re
import subprocess
import textwrap

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as pyplot

from works import REDUCED, WORKS

PEERS = {"onednn": "oneDNN", "onnxruntime": "ONNX Runtime", "pytorch": "PyTorch"}
COLOURS = {"onednn": "#3b6fb6", "onnxruntime": "#e08a1e", "pytorch": "#5a9e4b"}


def package(name):
    return subprocess.run(["dpkg-query", "-W", "-f", "${Version}", name], capture_output=True, text=True).stdout


def versions(folder, peers):
    """Of the peers that took part, and of the compiler."""
    with open(f"{folder}/node_modules/onnxruntime-node/package.json") as file:
        runtime = json.load(file)["version"]
    known = {
        "onednn": f"oneDNN {package('libdnnl-dev')}",
        "onnxruntime": f"ONNX Runtime {runtime}",
        "pytorch": f"PyTorch {package('python3-torch')}",
    }
    return ", ".join([*(known[peer] for peer in peers), f"g++ {package('g++-12')}"])


def machine():
    with open("/proc/cpuinfo") as file:
        text = file.read()
    model = re.search(r"model name\s*:\s*(.*)", text).group(1)
    caches = subprocess.run(["lscpu"], capture_output=True, text=True).stdout
    caches = "; ".join(" ".join(line.split()) for line in caches.splitlines() if line.startswith(("L1d", "L2", "L3")))
    flags = "AVX-512" if "avx512f" in text else "AVX2" if "avx2" in text else "no AVX2"
    return f"{model} ({flags}), {os.cpu_count()} processors; {caches}; Linux {platform.release()}"


def share(row):
    """Of the limit, that Carousel reaches."""
    return row["least_seconds"] / row["seconds"]["carousel"]


def ratio(row, peer):
    """Time of the peer over time of Carousel, or None."""
    return row["seconds"][peer] / row["seconds"]["carousel"] if peer in row["seconds"] else None


def reduced_ratio(row, weights):
    """Time with float32 weights over time with these, or None."""
    return row["seconds"]["carousel"] / row["reduced"][weights]["seconds"] if weights in row["reduced"] else None


def gain(work, seconds):
    """Carousel's time with one thread over that with several, or None; seconds: Carousel's, by work."""
    one = seconds.get(work.one_thread())
    return one / seconds[work] if one and work.threads > 1 else None


def reached(work, row, name, seconds):
    """Of what can be asked for, or None."""
    if name == "limit":
        return share(row)
    if name == "gain":
        return gain(work, seconds)
    return reduced_ratio(row, name) if name in REDUCED else ratio(row, name)


def held(reached, asked, form):
    """What was reached, and beside it what is asked, if anything, with a mark."""
    sign = "" if asked is None else f" ≥ {asked:{form}} ✓" if reached >= asked else f" < {asked:{form}} ✗"
    return f"{reached:{form}}" + sign


def cell(work, row, peer):
    if ratio(row, peer) is None:
        return "–"
    asked = work.asked().get(peer)
    # What of the limit would have been needed: more than all of it is beyond this machine.
    needed = share(row) * asked / ratio(row, peer) if asked else 0
    beyond = f": beyond the limit, {needed:.0%} of it" if needed > 1 else ""
    return f"{1e3 * row['seconds'][peer]:.3g} ({held(ratio(row, peer), asked, '.2f')}{beyond})"


def carousel_seconds(rows):
    return {work: row["seconds"]["carousel"] for work, row in rows}


def table(rows, peers):
    heads = ["work", "Carousel, ms", "share of the limit", "gain over 1 thread", *(PEERS[peer] for peer in peers)]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    seconds = carousel_seconds(rows)
    for work, row in rows:
        faster = gain(work, seconds)
        of_limit = held(share(row), work.asked().get("limit"), ".0%")
        cells = [work.name(), f"{1e3 * seconds[work]:.3g}", of_limit]
        cells.append("–" if faster is None else held(faster, work.asked().get("gain"), ".2f"))
        lines.append("| " + " | ".join([*cells, *(cell(work, row, peer) for peer in peers)]) + " |")
    return "\n".join(lines)


def score(rows):
    """How much of what is asked was reached, of what was measured."""
    seconds = carousel_seconds(rows)
    pairs = [(reached(work, row, name, seconds), asked) for work, row in rows for name, asked in work.asked().items()]
    measured = [value >= asked for value, asked in pairs if value is not None]
    return f"{sum(measured)} of {len(measured)}"


def reduced_table(rows):
    """Works with weights in fewer bits."""
    lines = []
    for work, row in rows:
        cells = [
            f"{1e3 * of['seconds']:.3g} ({held(reduced_ratio(row, name), work.asked().get(name), '.2f')}), {of['drift']:.2%}"
            for name, of in row["reduced"].items()
        ]
        if cells:
            lines.append(f"| {work.name()} | {1e3 * row['seconds']['carousel']:.3g} | {' | '.join(cells)} |")
    heads = ["work", "float32, ms", *(f"{name}, ms (times faster), drift" for name in REDUCED)]
    return "\n".join(["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|", *lines]) if lines else ""


def reduced_section(rows):
    table = reduced_table(rows)
    return f"""
Weights in fewer bits (docs/precision.md). The drift is the root mean square difference of the outputs from those with
float32 weights, as a share of their standard deviation. A stream takes its steps one at a time, so that the input
weights too are read at every step.

{table}
""" if table else ""


def characters(rows):
    """The whole models again, in characters a second."""
    names = {"carousel": "Carousel", **PEERS}
    lines = []
    for work, row in rows:
        if work.whole_model():
            rates = [f"{names[e]} {work.B * work.T / s:,.0f}" for e, s in row["seconds"].items()]
            lines.append(f"- {work.name().removeprefix('characters: ')}: " + ", ".join(rates))
    return "\nCharacters a second in training the whole model:\n\n" + "\n".join(lines) + "\n" if lines else ""


def calls(rows):
    """What of ONNX Runtime's times is the call through Node."""
    calls = {work: row["call"] for work, row in rows if row["call"]}
    if not calls:
        return ""
    parts = {work: row["call"] / row["seconds"]["onnxruntime"] for work, row in rows if work in calls}
    most = max(parts, key=parts.get)
    least_ms, most_ms = (f"{1e3 * choose(calls.values()):.2g}" for choose in (min, max))
    return f"""
ONNX Runtime is timed through Node: a call crosses into the library and back and makes a new tensor for the outputs.
Its times contain that. A graph that computes nothing and only copies outputs of the same size, called in the same way
in the same rounds, takes {least_ms} to {most_ms} ms, {min(parts.values()):.1%} to {parts[most]:.1%} of ONNX Runtime's
time (most in {most.name()}); nothing is subtracted.
"""


def picture(rows, peers, path):
    height = 0.84 / len(peers)
    figure, axes = pyplot.subplots(figsize=(11, (0.17 * len(peers) + 0.12) * len(rows) + 1.2))
    for place, peer in enumerate(peers):
        for y, (work, row) in enumerate(rows):
            reached, asked = ratio(row, peer), work.asked().get(peer)
            if reached is None:
                continue
            at = y + (place - (len(peers) - 1) / 2) * height
            axes.barh(at, reached - 1, left=1, height=0.9 * height, color=COLOURS[peer], zorder=2)
            slower = reached < 1
            axes.annotate(
                f"{reached:.2f}",
                (reached if slower else max(reached, asked or 0), at),
                xytext=(-3 if slower else 3, 0),
                textcoords="offset points",
                ha="right" if slower else "left",
                va="center",
                fontsize=7,
            )
            if asked:
                axes.plot([asked, asked], [at - height / 2, at + height / 2], color="black", linewidth=1.6, zorder=3)
    for y in range(1, len(rows), 2):
        axes.axhspan(y - 0.5, y + 0.5, color="#f2f2f2", zorder=0)
    axes.axvline(1, color="black", linewidth=1, zorder=3)
    decorate(axes, rows, peers)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def decorate(axes, rows, peers):
    # Broken at commas only: other spaces are made such that hold together.
    names = [work.name().replace(" ", "\u00a0").replace(",\u00a0", ", ") for work, _ in rows]
    axes.set_yticks(range(len(rows)), [textwrap.fill(name, 56) for name in names], fontsize=8)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xscale("log")
    axes.set_xlim(left=min(0.7, axes.get_xlim()[0] * 0.9), right=max(2.5, axes.get_xlim()[1] * 1.1))
    left, right = axes.get_xlim()
    ticks = [tick for tick in (0.1, 0.2, 0.5, 1, 1.5, 2, 3, 5, 10, 20, 50, 100) if left <= tick <= right]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.grid(axis="x", color="#cccccc", linewidth=0.6, zorder=1)
    axes.set_xlabel("time of the peer / time of Carousel (right of 1: Carousel is faster; black marks: asked for)")
    bars = [pyplot.Rectangle((0, 0), 1, 1, color=COLOURS[peer]) for peer in peers]
    axes.legend(bars, [PEERS[peer] for peer in peers], loc="lower left", bbox_to_anchor=(0, 1), ncol=3, frameon=False)


def write(result, packages, folder):
    """result: of compare.py. packages: the folder that holds node_modules. folder: where the page goes."""
    by_name = {work.name(): work for work in WORKS}
    rows = [(by_name[row["work"]], row) for row in result["works"]]
    peers = [peer for peer in PEERS if any(peer in row["seconds"] for _, row in rows)]
    os.makedirs(f"{folder}/images", exist_ok=True)
    if peers:
        picture([(work, row) for work, row in rows if len(row["seconds"]) > 1], peers, f"{folder}/images/peers.svg")
    with open(f"{folder}/performance-peers.md", "w") as file:
        file.write(page(result, rows, peers, packages))


def page(result, rows, peers, packages):
    left_out = "".join(f"\nLeft out, for want of as many cores: {name}." for name in result["left_out"])
    image = "![Time of each peer over time of Carousel](images/peers.svg)\n\n" if peers else ""
    return f"""# Carousel beside its peers

Written by `{result["command"]}` on {datetime.date.today()}; not to be edited by hand.

Machine: {machine()}.
Versions: {versions(packages, peers)}.{left_out}

Each work is one whole sequence batch in float32, with the same weights and inputs for all engines. Before anything is
timed, every peer's results are compared with Carousel's, number by number and part by part: outputs; in training the
gradients of inputs, W, R and b of every layer and direction; of a whole model loss and weights after five updates.

Engines take turns, and the order of the turns changes from round to round; each is a process pinned to as many cores
as the work has threads. Times are medians of {result["rounds"]} rounds, of the first 3 for an engine that needs more
than three seconds a pass, and of one for more than twenty. In parentheses: time of the peer over time of Carousel, more than 1 where Carousel is faster, and
what is asked for (✓ reached, ✗ short). Of what is asked for and was measured, {score(rows)} is reached. The gain over
1 thread is Carousel's time with one thread over its time with two.

Training is forward and backward to inputs and weights, without an update. Characters is an update of a whole model:
embedding, LSTM layers, dense layer, softmax, cross-entropy and Adam. A GRU resets after the product. Weights are
packed into the layouts of Carousel, oneDNN and ONNX Runtime before the times begin; the update of a whole model
contains that.

The share of the limit is the least time that the machine leaves for the matrix products over the time taken. The limits,
fused multiply-adds in registers and reading from each level of cache, are measured in the same rounds on as many
threads at the same time, and the fastest round counts. Products of the inputs of many steps at once are bound by
multiply-adds; what is multiplied by h by them or by reading R from the nearest cache that holds it, whichever is slower.
"Beyond the limit" stands where the ratio asked for would need more than all of it on this machine.
{calls(rows)}
{image}{table(rows, peers)}
{reduced_section(rows)}{characters(rows)}"""
