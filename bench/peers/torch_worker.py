"""PyTorch's nn.LSTM and nn.GRU; speaks the protocol of worker.h."""

import sys
import time

import numpy
import torch

SYMBOLS, RATE = 65, 0.002


def swapped(values, cell):
    """Gates of the files to torch's or back: a GRU's z, r, n are torch's r, z, n."""
    if cell != "gru":
        return values
    z, r, n = numpy.split(values, 3)
    return numpy.concatenate([r, z, n])


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
                    values = swapped(weights.take(*shape), cell)
                    getattr(net, f"{name}_{suffix}").copy_(torch.from_numpy(values))
                if cell == "gru":
                    getattr(net, f"bias_hh_{suffix}")[2 * H :] = torch.from_numpy(weights.take(H))
    return net


def plain(net, of):
    """of(parameter) of every parameter, in the layout of the file of weights."""
    cell = "gru" if isinstance(net, torch.nn.GRU) else "lstm"
    for name, parameter in net.named_parameters():  # W, R, b and the second b of every layer and direction
        if "bias_hh" not in name:
            yield swapped(of(parameter).numpy(), cell)
        elif cell == "gru":  # of the second bias the files hold that of n
            yield of(parameter).numpy()[2 * net.hidden_size :]


def file(folder, name, *shape):
    return torch.from_numpy(numpy.fromfile(f"{folder}/{name}.f32", "f4").reshape(shape))


class Work:
    def __init__(self, words):
        if words[0] not in ("inference", "training"):
            raise ValueError(f"knows inference, training and characters, not {words[0]}")
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
        return [self.x.grad.numpy(), *plain(self.net, lambda p: p.grad)] if self.training else [self.y.numpy()]


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
        dense = [p.detach().numpy() for p in (self.dense.weight, self.dense.bias)]
        embedding = self.embedding.weight.detach().numpy()
        return [self.loss.detach().numpy(), embedding, *plain(self.net, torch.Tensor.detach), *dense]


def load(words):
    torch.set_num_threads(int(words[8]))
    return (Characters if words[0] == "characters" else Work)(words)


def run(work, repeats):
    seconds = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work.run()
        seconds.append(time.perf_counter() - begin)
    return sorted(seconds)[repeats // 2]


def main():
    work = None
    for line in sys.stdin:
        command, *words = line.split()
        answer = "ok"
        try:
            if command == "load":
                work = None
                work = load(words)
            elif command == "run":
                answer = run(work, int(words[0]))
            else:
                numpy.concatenate([part.ravel() for part in work.result()]).tofile(words[0])
        except Exception as error:
            answer = "cannot " + str(error).replace("\n", " ")
        print(answer, flush=True)


main()
