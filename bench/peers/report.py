"""Writes docs/performance-peers.md and docs/images/peers.svg from what compare.py measured.

    report.py FOLDER        FOLDER holds results.json and node_modules
"""

import datetime
import json
import os
import platform
import re
import subprocess
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as pyplot

PEERS = {"onednn": "oneDNN", "onnxruntime": "ONNX Runtime", "pytorch": "PyTorch"}


def package(name):
    return subprocess.run(["dpkg-query", "-W", "-f", "${Version}", name], capture_output=True, text=True).stdout


def versions(folder):
    """Of the engines that took part."""
    with open(f"{folder}/node_modules/onnxruntime-node/package.json") as file:
        runtime = json.load(file)["version"]
    known = {
        "onednn": f"oneDNN {package('libdnnl-dev')}",
        "onnxruntime": f"ONNX Runtime {runtime}",
        "pytorch": f"PyTorch {package('python3-torch')}",
    }
    return ", ".join([*(known[peer] for peer in PEERS), f"g++ {package('g++-12')}"])


def machine():
    with open("/proc/cpuinfo") as file:
        text = file.read()
    model = re.search(r"model name\s*:\s*(.*)", text).group(1)
    caches = subprocess.run(["lscpu"], capture_output=True, text=True).stdout
    caches = "; ".join(" ".join(line.split()) for line in caches.splitlines() if line.startswith(("L1d", "L2", "L3")))
    flags = "AVX-512" if "avx512f" in text else "AVX2" if "avx2" in text else "no AVX2"
    return f"{model} ({flags}), {os.cpu_count()} processors; {caches}; Linux {platform.release()}"


def cell(row, peer):
    if peer not in row["seconds"]:
        return "–"
    seconds = row["seconds"][peer]
    return f"{1e3 * seconds:.3g} ({seconds / row['seconds']['carousel']:.2f})"


def table(rows):
    lines = ["| work | Carousel, ms | share of the limit | " + " | ".join(PEERS.values()) + " |"]
    lines.append("|---|---|---|" + "---|" * len(PEERS))
    for row in rows:
        own = row["seconds"]["carousel"]
        # The limit of several threads was measured unreliably: the system may start them on one processor.
        share = f'{row["operations"] / own / row["limit"]:.0%}' if row["work"].endswith("1 thread") else "–"
        cells = [row["work"], f"{1e3 * own:.3g}", share, *(cell(row, peer) for peer in PEERS)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def characters(rows):
    """The whole models again, in characters a second."""
    names = {"carousel": "Carousel", **PEERS}
    for row in rows:
        if row["characters"]:
            rates = [f"{names[e]} {row['characters'] / s:,.0f}" for e, s in row["seconds"].items()]
            yield f"- {row['work'].removeprefix('characters: ')}: " + ", ".join(rates)


def picture(rows, path):
    figure, axes = pyplot.subplots(figsize=(11, 0.45 * len(rows) + 1))
    height = 0.8 / len(PEERS)
    for place, (peer, name) in enumerate(PEERS.items()):
        at = [(y + place * height, r["seconds"][peer] / r["seconds"]["carousel"]) for y, r in enumerate(rows) if peer in r["seconds"]]
        axes.barh([y for y, _ in at], [x for _, x in at], height=0.9 * height, label=name)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_yticks([y + height for y in range(len(rows))], [row["work"] for row in rows], fontsize=8)
    axes.set_xscale("log")
    axes.set_xticks([0.5, 1, 2, 5, 10, 20], ["0.5", "1", "2", "5", "10", "20"])
    axes.set_xlabel("time of the peer / time of Carousel (right of the line: Carousel is faster)")
    axes.invert_yaxis()
    axes.legend(loc="lower right", fontsize=8)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main():
    folder = sys.argv[1]
    with open(f"{folder}/results.json") as file:
        result = json.load(file)
    rows = result["works"]
    known = list(PEERS)
    for peer in known:
        if not any(peer in row["seconds"] for row in rows):
            del PEERS[peer]  # left out of this run
    without = "".join(f" --without {peer}" for peer in known if peer not in PEERS)
    picture(rows, "docs/images/peers.svg")
    with open("docs/performance-peers.md", "w") as file:
        file.write(
            f"""# Carousel beside its peers

Written by `bench/peers/run.sh`{without} on {datetime.date.today()}; not to be edited by hand.

Machine: {machine()}.
Versions: {versions(folder)}.

Each work is one whole sequence batch in float32, all engines with the same weights and inputs, their results held
against each other first. Engines take turns, each a process pinned to as many processors as the work has threads;
times are medians of {result["rounds"]} rounds (of 3 where a pass took more than a second). In parentheses: time of the peer over time of Carousel, more than 1
where Carousel is faster. Training is forward and backward to inputs and weights; characters is an update of a whole
model: embedding, LSTM layers, dense layer, softmax, cross-entropy and Adam, the losses after four updates held
against each other. A GRU resets after the product. The share, for one thread, is that of the
fused multiply-adds it does in registers, measured in every round; only matrix products count as work.

![Time of each peer over time of Carousel](images/peers.svg)

{table(rows)}

Characters a second in training the whole model:

{chr(10).join(characters(rows))}
"""
        )


main()
