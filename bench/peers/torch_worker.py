"""PyTorch's nn.LSTM and nn.GRU; speaks the protocol of worker.h."""

import sys
import time

import numpy
import torch

SYMBOLS, RATE = 65, 0.002


class Weights:
    """The file of weights, parameter by parameter."""

    def __init__(self, folder):
        self.values, self.place = numpy.fromfile(f"{folder}/weights.f32", "f4"), 0

    def take(self, *shape):
        size = int(numpy.prod(shape))
        self.place += size
        return self.values[self.place - size : self.place].reshape(shape).copy()


def recurrent(words, weights):
    """The net of a work, filled."""
    cell = words[1]
    _, _, F, H, layers, directions, _ = map(int, words[2:9])
    net = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[cell](F, H, layers, bidirectional=directions == 2)
    G = (3 if cell == "gru" else 4) * H
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.zero_()
        for layer in range(layers):
            inputs = F if layer == 0 else directions * H
            for direction in range(directions):
                suffix = f"l{layer}" + ("_reverse" if direction else "")
                for name, shape in (("weight_ih", (G, inputs)), ("weight_hh", (G, H)), ("bias_ih", (G,))):
                    values = weights.take(*shape)
                    if cell == "gru":  # the files' z, r, n are torch's r, z, n
                        z, r, n = numpy.split(values, 3)
                        values = numpy.concatenate([r, z, n])
                    getattr(net, f"{name}_{suffix}").copy_(torch.from_numpy(values))
                if cell == "gru":
                    getattr(net, f"bias_hh_{suffix}")[2 * H :] = torch.from_numpy(weights.take(H))
    return net


def file(folder, name, *shape):
    return torch.from_numpy(numpy.fromfile(f"{folder}/{name}.f32", "f4").reshape(shape))


class Work:
    def __init__(self, words):
        B, T, F, H, _, directions, _ = map(int, words[2:9])
        self.training = words[0] == "training"
        self.x = file(words[9], "x", T, B, F).requires_grad_(self.training)
        self.dy = file(words[9], "dy", T, B, directions * H)
        self.net = recurrent(words, Weights(words[9]))

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
        gradients = [self.gradient(name, p) for name, p in self.net.named_parameters()]
        return torch.cat(gradients).abs().mean(dtype=torch.float64).item()

    def gradient(self, name, parameter):
        """Without the second bias, whose gradient is that of the first, but for the n of a GRU."""
        if "bias_hh" not in name:
            return parameter.grad.flatten()
        return parameter.grad[2 * self.net.hidden_size :] if isinstance(self.net, torch.nn.GRU) else parameter.grad[:0]


class Characters:
    def __init__(self, words):
        B, T, F, H = map(int, words[2:6])
        weights = Weights(words[9])
        self.x, self.target = (file(words[9], name, T, B).long() for name in ("x", "dy"))
        parameter = lambda *shape: torch.from_numpy(weights.take(*shape))
        self.embedding = torch.nn.Embedding.from_pretrained(parameter(SYMBOLS, F), freeze=False)
        self.net = recurrent(words, weights)
        self.dense = torch.nn.Linear(H, SYMBOLS)
        with torch.no_grad():
            self.dense.weight.copy_(parameter(SYMBOLS, H))
            self.dense.bias.copy_(parameter(SYMBOLS))
        for name, values in self.net.named_parameters():
            values.requires_grad_("bias_hh" not in name)  # one bias, as in the other engines
        model = torch.nn.ModuleList([self.embedding, self.net, self.dense])
        self.optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=RATE)

    def run(self):
        self.optimizer.zero_grad(set_to_none=True)
        y = self.dense(self.net(self.embedding(self.x))[0])
        self.loss = torch.nn.functional.cross_entropy(y.flatten(0, 1), self.target.flatten())
        self.loss.backward()
        self.optimizer.step()

    def result(self):
        return self.loss.item()


def main():
    work = None
    for line in sys.stdin:
        words = line.split()
        try:
            if words[0] == "load":
                work = None
                torch.set_num_threads(int(words[9]))
                work = (Characters if words[1] == "characters" else Work)(words[1:])
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
