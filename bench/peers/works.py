"""What is compared, the rows of docs/performance-peers.md, and what is asked of each."""

from dataclasses import dataclass, field, replace

SYMBOLS = 65  # of a text: small and capital letters, signs, the end of a line


@dataclass(frozen=True)
class Work:
    # inference, stream (the same step by step), training (forward, then backward to inputs and weights) or characters
    direction: str
    B: int
    T: int
    F: int
    H: int
    layers: int = 1
    directions: int = 1
    cell: str = "lstm"
    threads: int = 1
    note: str = ""
    reduced: bool = field(default=False, compare=False)  # with weights in fewer bits too

    def name(self):
        threads = f"{self.threads} thread" + ("s" if self.threads > 1 else "")
        if self.whole_model():
            return (
                f"characters: B {self.B}, T {self.T}, embedding {self.F}, {self.layers} layers of H {self.H}, "
                f"softmax over {SYMBOLS}, Adam, {threads}"
            )
        parts = [f"{self.direction}: B {self.B}, T {self.T}, F {self.F}, H {self.H}"]
        if self.layers > 1:
            parts.append(f"{self.layers} layers")
        if self.directions == 2:
            parts.append("bidirectional")
        if self.cell != "lstm":
            parts.append(self.cell.upper())
        if self.note:
            parts.append(f"({self.note})")
        return ", ".join(parts) + f", {threads}"

    def forward_only(self):
        return self.direction in ("inference", "stream")

    def whole_model(self):
        return self.direction == "characters"

    def gates(self):
        return 3 if self.cell == "gru" else 4

    def widths(self):
        """Inputs of each layer."""
        return [self.F if layer == 0 else self.directions * self.H for layer in range(self.layers)]

    def weight_shapes(self):
        """By name, in the order of the file of weights; see worker.h."""
        rows, whole = self.gates() * self.H, self.whole_model()
        shapes = {"embedding": (SYMBOLS, self.F)} if whole else {}
        for layer, inputs in enumerate(self.widths()):
            for direction in range(self.directions):
                shapes[f"W {layer} {direction}"] = (rows, inputs)
                shapes[f"R {layer} {direction}"] = (rows, self.H)
                shapes[f"b {layer} {direction}"] = (rows,)
                if self.cell == "gru":
                    shapes[f"bn {layer} {direction}"] = (self.H,)
        return {**shapes, "W dense": (SYMBOLS, self.H), "b dense": (SYMBOLS,)} if whole else shapes

    def result_shapes(self):
        """By name, in the order in which an engine writes what a pass computed; see worker.h."""
        if self.forward_only():
            return {"y": (self.T, self.B, self.directions * self.H)}
        if self.whole_model():
            return {"loss": (1,), **self.weight_shapes()}
        return {"dx": (self.T, self.B, self.F), **{f"d{name}": s for name, s in self.weight_shapes().items()}}

    def one_thread(self):
        return replace(self, threads=1)

    def asked(self):
        """What is asked for: of each peer its time over Carousel's; under "limit" the share of the limit; under "gain"
        the time with one thread over that with several; under a weight format the time with float32 weights over that with these."""
        return {name: ratio for applies, name, ratio in ASKED if applies(self)}

    def command(self, folder, direction=None):
        """What a worker is to load; see worker.h."""
        shape = f"{self.B} {self.T} {self.F} {self.H} {self.layers} {self.directions}"
        return f"{direction or self.direction} {self.cell} {shape} {self.threads} {folder}"


REDUCED = ("bf16", "int8")

# Of the entries that apply to a work and name one peer, the last counts.
ASKED = [
    (lambda work: work.direction == "inference" and work.B > 1, "onnxruntime", 1.2),
    (lambda work: work.direction == "inference" and work.B > 1, "onednn", 1.0),
    (lambda work: work.direction == "inference" and work.B == 1, "onnxruntime", 1.15),
    (lambda work: work.direction == "inference" and work.B == 1, "onednn", 1.3),
    (lambda work: work.note == "audio", "onnxruntime", 2.2),
    (lambda work: work.direction == "training", "onednn", 1.0),
    (lambda work: work.direction == "training" and work.H <= 128, "onednn", 1.3),
    (lambda work: work.direction == "training", "pytorch", 2.5),
    (lambda work: work.whole_model(), "pytorch", 3.0),
    (lambda work: work.B >= 32 and work.threads == 1, "limit", 0.85),
    (lambda work: work.direction == "inference" and work.B == 1, "limit", 0.9),
    (lambda work: work.B >= 32 and work.threads == 2, "gain", 1.9),
    (lambda work: work.reduced, "bf16", 1.7),
    (lambda work: work.reduced, "int8", 2.5),
]

WORKS = [
    Work("inference", 1, 100, 64, 128),
    Work("inference", 1, 100, 512, 512, layers=2, reduced=True),
    Work("inference", 1, 100, 512, 512, layers=2, threads=2),
    Work("inference", 32, 100, 256, 256, layers=2),
    Work("inference", 32, 100, 256, 256, layers=2, threads=2),
    Work("inference", 64, 100, 1024, 1024),
    Work("inference", 64, 100, 1024, 1024, threads=2),
    Work("inference", 1, 4800, 1, 40, note="audio"),
    Work("inference", 32, 1000, 128, 128),
    Work("inference", 32, 100, 256, 256, directions=2),
    Work("inference", 1, 100, 256, 256, directions=2, threads=2),
    Work("training", 32, 100, 256, 256, layers=2),
    Work("training", 32, 100, 256, 256, layers=2, threads=2),
    Work("training", 20, 35, 650, 650, layers=2),
    Work("training", 20, 35, 650, 650, layers=2, threads=2),
    Work("training", 64, 50, 8, 64),
    Work("training", 32, 784, 1, 128),
    Work("training", 32, 1000, 128, 128),
    Work("training", 32, 100, 256, 256, directions=2),
    Work("inference", 32, 100, 256, 256, cell="gru"),
    Work("inference", 1, 100, 64, 128, cell="gru"),
    Work("training", 32, 100, 256, 256, cell="gru"),
    Work("stream", 1, 100, 512, 512, layers=2, reduced=True),
    Work("characters", 32, 100, 64, 256, layers=2),
    Work("characters", 32, 100, 64, 256, layers=2, threads=2),
]
