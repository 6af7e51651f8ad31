"""PyTorch's nn.LSTM and nn.GRU; speaks the protocol of worker.h."""

import sys
import time

import numpy
import torch


class Work:
    def __init__(self, words):
        self.training = words[0] == "training"
        self.cell = words[1]
        B, T, F, H, layers, directions, threads = map(int, words[2:9])
        folder = words[9]
        torch.set_num_threads(threads)
        read = lambda name, *shape: torch.from_numpy(numpy.fromfile(f"{folder}/{name}.f32", "f4").reshape(shape))
        self.x = read("x", T, B, F).requires_grad_(self.training)
        self.dy = read("dy", T, B, directions * H)
        kind = torch.nn.GRU if self.cell == "gru" else torch.nn.LSTM
        self.net = kind(F, H, layers, bidirectional=directions == 2)
        self.fill(numpy.fromfile(f"{folder}/weights.f32", "f4"), F, H, layers, directions)

    def fill(self, weights, F, H, layers, directions):
        G = (3 if self.cell == "gru" else 4) * H
        place = 0
        with torch.no_grad():
            for parameter in self.net.parameters():
                parameter.zero_()
            for layer in range(layers):
                inputs = F if layer == 0 else directions * H
                for direction in range(directions):
                    suffix = f"l{layer}" + ("_reverse" if direction else "")
                    for name, shape in (("weight_ih", (G, inputs)), ("weight_hh", (G, H)), ("bias_ih", (G,))):
                        size = int(numpy.prod(shape))
                        values = self.order(weights[place : place + size].reshape(shape))
                        getattr(self.net, f"{name}_{suffix}").copy_(torch.from_numpy(values.copy()))
                        place += size

    def order(self, values):
        """The files' z, r, n to torch's r, z, n; the LSTM's order is the same."""
        if self.cell != "gru":
            return values
        z, r, n = numpy.split(values, 3)
        return numpy.concatenate([r, z, n])

    def run(self):
        if not self.training:
            with torch.inference_mode():
                self.y = self.net(self.x)[0]
            return
        self.net.zero_grad(set_to_none=True)
        self.x.grad = None
        y = self.net(self.x)[0]
        y.backward(self.dy)

    def result(self):
        if not self.training:
            return self.y.abs().mean(dtype=torch.float64).item()
        # The second bias of every layer has the gradient of the first.
        gradients = [p.grad.flatten() for name, p in self.net.named_parameters() if "bias_hh" not in name]
        return torch.cat(gradients).abs().mean(dtype=torch.float64).item()


def main():
    work = None
    for line in sys.stdin:
        words = line.split()
        try:
            if words[0] == "load":
                work = None
                work = Work(words[1:])
                print("ok", flush=True)
                continue
            seconds = []
            for _ in range(int(words[1])):
                begin = time.perf_counter()
                work.run()
                seconds.append(time.perf_counter() - begin)
            print(sorted(seconds)[len(seconds) // 2], work.result(), flush=True)
        except Exception as error:
            print("cannot", str(error).replace("\n", " "), flush=True)


main()
