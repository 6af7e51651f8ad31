"""What is compared: the rows of docs/performance.md."""

from dataclasses import dataclass


SYMBOLS = 65  # of a text: small and capital letters, signs, the end of a line


@dataclass(frozen=True)
class Work:
    direction: str  # inference, training (forward, then backward to inputs and weights) or characters
    B: int
    T: int
    F: int
    H: int
    layers: int = 1
    directions: int = 1
    cell: str = "lstm"
    threads: int = 1
    note: str = ""

    def name(self):
        threads = f"{self.threads} thread" + ("s" if self.threads > 1 else "")
        if self.direction == "characters":
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

    def gates(self):
        return 3 if self.cell == "gru" else 4

    def widths(self):
        """Inputs of each layer."""
        return [self.F if layer == 0 else self.directions * self.H for layer in range(self.layers)]

    def operations(self):
        """Floating-point operations of the matrix products, 2 for a multiply-add."""
        forward = sum(2 * self.gates() * self.H * (inputs + self.H) for inputs in self.widths()) * self.directions
        if self.direction == "characters":
            forward += 2 * SYMBOLS * self.H
        return forward * self.B * self.T * (1 if self.direction == "inference" else 3)

    def characters(self):
        """Read in a pass, of the works that are counted so."""
        return self.B * self.T if self.direction == "characters" else 0

    def command(self, folder):
        return (
            f"{self.direction} {self.cell} {self.B} {self.T} {self.F} {self.H} {self.layers} {self.directions} "
            f"{self.threads} {folder}"
        )


WORKS = [
    Work("inference", 1, 100, 64, 128),
    Work("inference", 1, 100, 512, 512, layers=2),
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
    Work("characters", 32, 100, 64, 256, layers=2),
    Work("characters", 32, 100, 64, 256, layers=2, threads=2),
]
