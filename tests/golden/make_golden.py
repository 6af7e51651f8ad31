#!/usr/bin/env python3
"""Golden values from PyTorch: writes the .safetensors files beside this script.

    python3 tests/golden/make_golden.py        (Debian: python3-torch, python3-numpy)

Each network file holds, in the engine's names: the weights; a ragged batch x with lengths, initial states and the
gradients on outputs and final states; and what PyTorch makes of them: outputs, final states and all gradients.
PyTorch's gate order for the LSTM is i, f, g, o like ours; its two biases are added into one. adam.safetensors and
characters.safetensors hold the losses of 100 steps of Adam on one batch, under mean squared error and cross-entropy.
"""
import json
import pathlib
import struct

import numpy as np
import torch

HERE = pathlib.Path(__file__).parent


def save(name, tensors, metadata):
    """The safetensors format, written by hand: eight bytes of header length, a JSON header, the data."""
    header, data = {"__metadata__": metadata}, b""
    for key, value in tensors.items():
        array = np.ascontiguousarray(value, dtype=np.float32)
        header[key] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (HERE / f"{name}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)


class Lstm(torch.nn.Module):
    """One layer, one or two directions; knows its names in the engine."""

    def __init__(self, inputs, hidden, bidirectional=False):
        super().__init__()
        self.lstm = torch.nn.LSTM(inputs, hidden, bidirectional=bidirectional)
        self.directions = 2 if bidirectional else 1
        self.hidden = hidden
        with torch.no_grad():
            for p in self.lstm.parameters():
                p.uniform_(-0.6, 0.6)

    def names(self, prefix):
        for d, suffix in enumerate(["", "_reverse"][: self.directions]):
            place = prefix if self.directions == 1 else f"{prefix}.{['forward', 'backward'][d]}"
            get = lambda kind: getattr(self.lstm, f"{kind}_l0{suffix}")
            yield place, get("weight_ih"), get("weight_hh"), get("bias_ih"), get("bias_hh")

    def weights(self, prefix):
        for place, w, r, b1, b2 in self.names(prefix):
            yield f"{place}.W", w
            yield f"{place}.R", r
            yield f"{place}.b", b1 + b2

    def gradients(self, prefix):
        for place, w, r, b1, _ in self.names(prefix):
            yield f"{place}.W", w.grad
            yield f"{place}.R", r.grad
            yield f"{place}.b", b1.grad

    def state_size(self):
        return 2 * self.hidden * self.directions

    def split(self, state):
        """[B, state] as the engine lays it out: h, c of each direction -> h0, c0 of PyTorch."""
        parts = state.reshape(state.shape[0], self.directions, 2, self.hidden).permute(2, 1, 0, 3)
        return parts[0].contiguous(), parts[1].contiguous()

    def join(self, h, c):
        return torch.stack([h, c]).permute(2, 1, 0, 3).reshape(h.shape[1], -1)

    def keep_one_bias(self):
        """As in the engine: the second bias stays zero."""
        with torch.no_grad():
            self.lstm.bias_ih_l0 += self.lstm.bias_hh_l0
            self.lstm.bias_hh_l0.zero_()
        self.lstm.bias_hh_l0.requires_grad_(False)

    def forward(self, packed, state):
        y, (h, c) = self.lstm(packed, self.split(state))
        return y, self.join(h, c)


def z_r_n(values):
    """PyTorch's gates r, z, n in the engine's order."""
    r, z, n = values.chunk(3)
    return torch.cat([z, r, n])


class Gru(torch.nn.Module):
    """Reset after the product, one or two directions. PyTorch's two biases are added into one, but for n's."""

    def __init__(self, inputs, hidden, bidirectional=False):
        super().__init__()
        self.gru = torch.nn.GRU(inputs, hidden, bidirectional=bidirectional)
        self.directions = 2 if bidirectional else 1
        self.hidden = hidden
        with torch.no_grad():
            for p in self.gru.parameters():
                p.uniform_(-0.6, 0.6)

    def parts(self, prefix):
        for d, suffix in enumerate(["", "_reverse"][: self.directions]):
            place = prefix if self.directions == 1 else f"{prefix}.{['forward', 'backward'][d]}"
            yield place, [getattr(self.gru, f"{kind}_l0{suffix}") for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]

    def weights(self, prefix):
        for place, (w, r, b1, b2) in self.parts(prefix):
            yield f"{place}.W", z_r_n(w)
            yield f"{place}.R", z_r_n(r)
            yield f"{place}.b", z_r_n(torch.cat([(b1 + b2)[: 2 * self.hidden], b1[2 * self.hidden :]]))
            yield f"{place}.b_Rn", b2[2 * self.hidden :]

    def gradients(self, prefix):
        for place, (w, r, b1, b2) in self.parts(prefix):
            yield f"{place}.W", z_r_n(w.grad)
            yield f"{place}.R", z_r_n(r.grad)
            yield f"{place}.b", z_r_n(b1.grad)
            yield f"{place}.b_Rn", b2.grad[2 * self.hidden :]

    def state_size(self):
        return self.hidden * self.directions

    def forward(self, packed, state):
        h = state.reshape(-1, self.directions, self.hidden).transpose(0, 1).contiguous()
        y, h = self.gru(packed, h)
        return y, h.transpose(0, 1).reshape(state.shape)


class GruBefore(torch.nn.Module):
    """Reset before the product, which PyTorch does not have: its equations as a loop."""

    directions = 1

    def __init__(self, inputs, hidden):
        super().__init__()
        self.hidden = hidden
        shapes = {"W": (3 * hidden, inputs), "R": (3 * hidden, hidden), "b": (3 * hidden,)}
        self.values = torch.nn.ParameterDict({k: torch.empty(*shape).uniform_(-0.6, 0.6) for k, shape in shapes.items()})

    def weights(self, prefix):
        return ((f"{prefix}.{k}", v) for k, v in self.values.items())

    def gradients(self, prefix):
        return ((f"{prefix}.{k}", v.grad) for k, v in self.values.items())

    def state_size(self):
        return self.hidden

    def forward(self, packed, h):
        x, lengths = torch.nn.utils.rnn.pad_packed_sequence(packed)
        R_z, R_r, R_n = self.values["R"].chunk(3)
        outputs = []
        for t in range(x.shape[0]):
            a_z, a_r, a_n = (x[t] @ self.values["W"].T + self.values["b"]).chunk(3, dim=1)
            z, r = torch.sigmoid(a_z + h @ R_z.T), torch.sigmoid(a_r + h @ R_r.T)
            n = torch.tanh(a_n + (r * h) @ R_n.T)
            h = torch.where((t < lengths)[:, None], z * h + (1 - z) * n, h)
            outputs.append(h)
        return torch.nn.utils.rnn.pack_padded_sequence(torch.stack(outputs), lengths, enforce_sorted=False), h


class Stateless(torch.nn.Module):
    """A layer that maps each step by itself."""

    def state_size(self):
        return 0

    def forward(self, packed, state):
        return packed._replace(data=self.map(packed.data)), state

    def keep_one_bias(self):
        pass


class Embedding(Stateless):
    def __init__(self, symbols, outputs):
        super().__init__()
        self.embedding = torch.nn.Embedding(symbols, outputs)

    def weights(self, prefix):
        yield f"{prefix}.vectors", self.embedding.weight

    def gradients(self, prefix):
        yield f"{prefix}.vectors", self.embedding.weight.grad

    def map(self, x):
        return self.embedding(x[:, 0].long())


class Dense(Stateless):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.linear = torch.nn.Linear(inputs, outputs)

    def weights(self, prefix):
        yield f"{prefix}.W", self.linear.weight
        yield f"{prefix}.b", self.linear.bias

    def gradients(self, prefix):
        yield f"{prefix}.W", self.linear.weight.grad
        yield f"{prefix}.b", self.linear.bias.grad

    def map(self, x):
        return self.linear(x)


class LayerNorm(Stateless):
    def __init__(self, features):
        super().__init__()
        self.norm = torch.nn.LayerNorm(features)
        with torch.no_grad():
            for p in self.norm.parameters():
                p.uniform_(-1, 1)

    def weights(self, prefix):
        yield f"{prefix}.gain", self.norm.weight
        yield f"{prefix}.b", self.norm.bias

    def gradients(self, prefix):
        yield f"{prefix}.gain", self.norm.weight.grad
        yield f"{prefix}.b", self.norm.bias.grad

    def map(self, x):
        return self.norm(x)


class Conv1d(torch.nn.Module):
    """Over time, with stride 1: causal, with the last inputs as the state, or `same`, with zeros around."""

    def __init__(self, inputs, outputs, kernel, dilation=1, same=False):
        super().__init__()
        self.conv = torch.nn.Conv1d(inputs, outputs, kernel, dilation=dilation)
        self.reach = (kernel - 1) * dilation
        self.same = same

    def weights(self, prefix):
        yield f"{prefix}.W", self.conv.weight.permute(0, 2, 1).flatten(1)
        yield f"{prefix}.b", self.conv.bias

    def gradients(self, prefix):
        yield f"{prefix}.W", self.conv.weight.grad.permute(0, 2, 1).flatten(1)
        yield f"{prefix}.b", self.conv.bias.grad

    def state_size(self):
        return 0 if self.same else self.reach * self.conv.in_channels

    def forward(self, packed, state):
        x, lengths = torch.nn.utils.rnn.pad_packed_sequence(packed)
        before = self.reach // 2 if self.same else 0
        x = torch.nn.functional.pad(x, (0, 0, 0, 0, before, self.reach - before if self.same else 0))
        if not self.same:
            x = torch.cat([state.reshape(x.shape[1], self.reach, -1).transpose(0, 1), x])
            state = torch.stack([x[n : n + self.reach, b].flatten() for b, n in enumerate(lengths)])
        y = self.conv(x.permute(1, 2, 0)).permute(2, 0, 1)
        return torch.nn.utils.rnn.pack_padded_sequence(y, lengths, enforce_sorted=False), state


class Loop(torch.nn.Module):
    """What PyTorch has no module for: equations of one step, in the engine's names, in a loop over time."""

    directions = 1

    def __init__(self, outputs, shapes):
        super().__init__()
        self.hidden = outputs
        self.values = torch.nn.ParameterDict({k: torch.empty(*shape).uniform_(-0.6, 0.6) for k, shape in shapes.items()})

    def weights(self, prefix):
        return ((f"{prefix}.{k}", v) for k, v in self.values.items())

    def gradients(self, prefix):
        return ((f"{prefix}.{k}", v.grad) for k, v in self.values.items())

    def forward(self, packed, state):
        x, lengths = torch.nn.utils.rnn.pad_packed_sequence(packed)
        outputs = []
        for t in range(x.shape[0]):
            h, after = self.step(x[t], state)
            state = torch.where((t < lengths)[:, None], after, state)
            outputs.append(h)
        return torch.nn.utils.rnn.pack_padded_sequence(torch.stack(outputs), lengths, enforce_sorted=False), state


class LstmVariant(Loop):
    """The LSTM of any options: gates that are there, in the order i, f, g, o; peepholes; gates fed back; blocks."""

    def __init__(self, inputs, cells, gates="ifgo", coupled=False, peephole="none", previous=False, fed_back="none",
                 block=1, feedback=True, projection=0, layer_norm=False, g=torch.tanh, z=torch.tanh, s=torch.sigmoid):
        blocks = cells // block
        self.widths = {gate: cells if gate == "g" else blocks for gate in gates}
        self.seeing = [gate for gate in gates if gate != "g"]
        self.cells, self.coupled, self.peephole, self.previous, self.fed_back = cells, coupled, peephole, previous, fed_back
        self.block, self.feedback, self.layer_norm, self.squash = block, feedback, layer_norm, (s, g, z)
        G, outputs, a = sum(self.widths.values()), projection or cells, blocks * len(self.seeing)
        shapes = {"W": (G, inputs), "b": (G,)}
        if feedback:
            shapes["R"] = (G, outputs)
        if peephole == "diagonal":
            shapes["p"] = (len(self.seeing), cells)
        if peephole == "full":
            shapes["P"] = (a, cells)
        if fed_back != "none":
            shapes["Q"] = (G if fed_back == "all" else a, a)
        if projection:
            shapes["W_p"] = (projection, cells)
        if layer_norm:
            shapes |= {"gain_x": (G,), "gain_h": (G,), "gain_c": (cells,), "b_c": (cells,)}
        super().__init__(outputs, shapes)

    def state_size(self):
        return self.hidden + self.cells + (0 if self.fed_back == "none" else len(self.seeing) * self.cells // self.block)

    def seen(self, gate, c):
        """What a gate sees of the cells."""
        k = self.seeing.index(gate)
        if self.peephole == "diagonal":
            return (self.values["p"][k] * c).reshape(c.shape[0], -1, self.block).sum(2)
        if self.peephole == "full":
            return c @ self.values["P"].chunk(len(self.seeing))[k].T
        return 0

    def step(self, x, state):
        v, (s, squash_g, squash_z) = self.values, self.squash
        h, c, a = state.split([self.hidden, self.cells, state.shape[1] - self.hidden - self.cells], dim=1)
        if self.layer_norm:
            norm = lambda u: torch.nn.functional.layer_norm(u, u.shape[1:])
            pre = v["b"] + v["gain_x"] * norm(x @ v["W"].T) + v["gain_h"] * norm(h @ v["R"].T)
        else:
            pre = v["b"] + x @ v["W"].T + (h @ v["R"].T if self.feedback else 0)
        pre = dict(zip(self.widths, pre.split(list(self.widths.values()), dim=1)))
        if self.fed_back == "all":
            for gate, part in zip(pre, (a @ v["Q"].T).split(list(self.widths.values()), dim=1)):
                pre[gate] = pre[gate] + part
        if self.fed_back == "gates":
            for gate, part in zip(self.seeing, (a @ v["Q"].T).chunk(len(self.seeing), dim=1)):
                pre[gate] = pre[gate] + part
        to_cells = lambda gate: gate.repeat_interleave(self.block, dim=1)
        values = {}
        for gate in "if":
            if gate in pre:
                values[gate] = s(pre[gate] + self.seen(gate, c))
        i = to_cells(values["i"]) if "i" in values else 1
        f = 1 - i if self.coupled else to_cells(values["f"]) if "f" in values else 1
        c_new = f * c + i * squash_g(pre["g"])
        out = squash_z(v["gain_c"] * norm(c_new) + v["b_c"] if self.layer_norm else c_new)
        if "o" in pre:
            values["o"] = s(pre["o"] + self.seen("o", c if self.previous else c_new))
            out = to_cells(values["o"]) * out
        h_new = out @ v["W_p"].T if "W_p" in v else out
        fed = [values[gate] for gate in self.seeing] if self.fed_back != "none" else []
        return h_new, torch.cat([h_new, c_new] + fed, dim=1)


class ConvLstm(Loop):
    """By conv2d, with channels last in the engine's rows; "same" padding around, the kernel's middle at the place."""

    def __init__(self, height, width, channels, hidden, kernel=3, stride=1, dilation=1, recurrent_kernel=3, peephole=False,
                 previous=False):
        self.image, self.channels, self.previous = (height, width), channels, previous
        self.place = (-(-height // stride), -(-width // stride))
        self.kernel, self.stride, self.dilation, self.recurrent_kernel, self.state_channels = (
            kernel, stride, dilation, recurrent_kernel, hidden)
        shapes = {"W": (4 * hidden, kernel * kernel * channels), "R": (4 * hidden, recurrent_kernel**2 * hidden), "b": (4 * hidden,)}
        if peephole:
            shapes["p"] = (3, self.place[0] * self.place[1] * hidden)
        super().__init__(self.place[0] * self.place[1] * hidden, shapes)

    def state_size(self):
        return 2 * self.hidden

    def convolve(self, image, weight, kernel, stride, dilation):
        weight = weight.reshape(weight.shape[0], kernel, kernel, -1).permute(0, 3, 1, 2)
        before = (kernel - 1) * dilation // 2
        padded = torch.nn.functional.pad(image, (before, kernel * dilation, before, kernel * dilation))
        y = torch.nn.functional.conv2d(padded, weight, stride=stride, dilation=dilation)
        return y[:, :, : self.place[0], : self.place[1]]

    def step(self, x, state):
        v = self.values
        images = lambda rows, size: rows.reshape(rows.shape[0], *size, -1).permute(0, 3, 1, 2)
        rows = lambda image: image.permute(0, 2, 3, 1).flatten(1)
        h, c = state.chunk(2, dim=1)
        pre = self.convolve(images(x, self.image), v["W"], self.kernel, self.stride, self.dilation)
        pre = pre + self.convolve(images(h, self.place), v["R"], self.recurrent_kernel, 1, 1)
        i, f, g, o = (rows(part) for part in (pre + v["b"][None, :, None, None]).chunk(4, dim=1))
        p = v["p"] if "p" in v else torch.zeros(3, 1)
        c_new = torch.sigmoid(f + p[1] * c) * c + torch.sigmoid(i + p[0] * c) * torch.tanh(g)
        h_new = torch.sigmoid(o + p[2] * (c if self.previous else c_new)) * torch.tanh(c_new)
        return h_new, torch.cat([h_new, c_new], dim=1)


class MdLstm(Loop):
    """Two dimensions, from all four corners, position by position; outputs side by side."""

    def __init__(self, height, width, channels, hidden):
        self.size, self.units, self.channels = (height, width), hidden, channels
        shapes = {}
        for n in range(4):
            shapes |= {f"{n}.W": (5 * hidden, channels), f"{n}.R": (5 * hidden, 2 * hidden), f"{n}.b": (5 * hidden,), f"{n}.p": (4, hidden)}
        super().__init__(height * width * 4 * hidden, {k.replace(".", "_"): v for k, v in shapes.items()})

    def weights(self, prefix):
        return ((f"{prefix}.{k.replace('_', '.')}", v) for k, v in self.values.items())

    def gradients(self, prefix):
        return ((f"{prefix}.{k.replace('_', '.')}", v.grad) for k, v in self.values.items())

    def state_size(self):
        return 0

    def direction(self, n, image):
        W, R, b, p = (self.values[f"{n}_{k}"] for k in "WRbp")
        (height, width), H = self.size, self.units
        zero = torch.zeros(image.shape[0], H)
        h, c = {}, {}
        ys = range(height - 1, -1, -1) if n & 1 else range(height)
        xs = range(width - 1, -1, -1) if n & 2 else range(width)
        back_y, back_x = (1 if n & 1 else -1), (1 if n & 2 else -1)
        for y in ys:
            for x in xs:
                above, left = (y + back_y, x), (y, x + back_x)
                h1, h2, c1, c2 = h.get(above, zero), h.get(left, zero), c.get(above, zero), c.get(left, zero)
                i, f1, f2, g, o = (image[:, y, x] @ W.T + torch.cat([h1, h2], 1) @ R.T + b).chunk(5, dim=1)
                i = torch.sigmoid(i + p[0] * (c1 + c2))
                f1, f2 = torch.sigmoid(f1 + p[1] * c1), torch.sigmoid(f2 + p[2] * c2)
                c[y, x] = i * torch.tanh(g) + f1 * c1 + f2 * c2
                h[y, x] = torch.sigmoid(o + p[3] * c[y, x]) * torch.tanh(c[y, x])
        return torch.stack([torch.stack([h[y, x] for x in range(width)], 1) for y in range(height)], 1)

    def step(self, x, state):
        image = x.reshape(-1, *self.size, self.channels)
        return torch.cat([self.direction(n, image) for n in range(4)], dim=3).flatten(1), state


class Projected(torch.nn.Module):
    directions = 1

    def __init__(self, inputs, cells, projection):
        super().__init__()
        self.lstm = torch.nn.LSTM(inputs, cells, proj_size=projection)
        self.cells, self.hidden = cells, projection
        with torch.no_grad():
            for p in self.lstm.parameters():
                p.uniform_(-0.6, 0.6)

    def weights(self, prefix):
        l = self.lstm
        return [(f"{prefix}.W", l.weight_ih_l0), (f"{prefix}.R", l.weight_hh_l0), (f"{prefix}.b", l.bias_ih_l0 + l.bias_hh_l0),
                (f"{prefix}.W_p", l.weight_hr_l0)]

    def gradients(self, prefix):
        l = self.lstm
        return [(f"{prefix}.W", l.weight_ih_l0.grad), (f"{prefix}.R", l.weight_hh_l0.grad), (f"{prefix}.b", l.bias_ih_l0.grad),
                (f"{prefix}.W_p", l.weight_hr_l0.grad)]

    def state_size(self):
        return self.hidden + self.cells

    def forward(self, packed, state):
        h, c = state.split([self.hidden, self.cells], dim=1)
        y, (h, c) = self.lstm(packed, (h[None].contiguous(), c[None].contiguous()))
        return y, torch.cat([h[0], c[0]], dim=1)


class Rnn(torch.nn.Module):
    directions = 1

    def __init__(self, inputs, hidden, nonlinearity):
        super().__init__()
        self.rnn = torch.nn.RNN(inputs, hidden, nonlinearity=nonlinearity)
        self.hidden = hidden
        with torch.no_grad():
            for p in self.rnn.parameters():
                p.uniform_(-0.6, 0.6)

    def weights(self, prefix):
        r = self.rnn
        return [(f"{prefix}.W", r.weight_ih_l0), (f"{prefix}.R", r.weight_hh_l0), (f"{prefix}.b", r.bias_ih_l0 + r.bias_hh_l0)]

    def gradients(self, prefix):
        r = self.rnn
        return [(f"{prefix}.W", r.weight_ih_l0.grad), (f"{prefix}.R", r.weight_hh_l0.grad), (f"{prefix}.b", r.bias_ih_l0.grad)]

    def state_size(self):
        return self.hidden

    def forward(self, packed, h):
        y, h = self.rnn(packed, h[None].contiguous())
        return y, h[0]


def run(layers, x, lengths, state):
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
    finals, begin = [], 0
    for layer in layers:
        packed, final = layer(packed, state[:, begin : begin + layer.state_size()])
        finals.append(final)
        begin += layer.state_size()
    y, _ = torch.nn.utils.rnn.pad_packed_sequence(packed, total_length=x.shape[0])
    return y, torch.cat(finals, dim=1)


def network(name, spec, layers, inputs, lengths):
    state_size = sum(layer.state_size() for layer in layers)
    last = layers[-1]
    outputs = last.linear.out_features if isinstance(last, Dense) else last.hidden * last.directions
    x = torch.randn(max(lengths), len(lengths), inputs)
    for b, length in enumerate(lengths):
        x[length:, b] = 0
    x.requires_grad_()
    state = (torch.rand(len(lengths), state_size) - 0.5).requires_grad_()
    dy, dstate = torch.randn(max(lengths), len(lengths), outputs), torch.randn(len(lengths), state_size)
    y, final = run(layers, x, torch.tensor(lengths), state)
    ((y * dy).sum() + (final * dstate).sum()).backward()
    tensors = {"x": x, "lengths": torch.tensor(lengths), "state": state, "dy": dy, "dstate": dstate, "y": y,
               "final": final, "dx": x.grad, "dinitial": state.grad}
    for i, layer in enumerate(layers):
        tensors |= {f"weights.{k}": v for k, v in layer.weights(f"layers.{i}")}
        tensors |= {f"gradient.{k}": v for k, v in layer.gradients(f"layers.{i}")}
    save(name, {k: v.detach().numpy() for k, v in tensors.items()}, {"spec": spec, "inputs": str(inputs)})


def training(name, spec, layers, x, target, loss_of):
    """Losses of 100 steps of Adam on one batch, and the gradient of the first."""
    tensors = {"x": x, "target": target}
    for i, layer in enumerate(layers):
        tensors |= {f"weights.{k}": v.detach().clone() for k, v in layer.weights(f"layers.{i}")}
        layer.keep_one_bias()
    parameters = [p for layer in layers for p in layer.parameters() if p.requires_grad]
    optimizer, losses = torch.optim.Adam(parameters, lr=0.01), []
    for step in range(100):
        optimizer.zero_grad()
        state = torch.zeros(x.shape[1], sum(layer.state_size() for layer in layers))
        y, _ = run(layers, x, torch.full((x.shape[1],), x.shape[0]), state)
        loss = loss_of(y, target)
        losses.append(loss.item())
        loss.backward()
        if step == 0:
            for i, layer in enumerate(layers):
                tensors |= {f"gradient.{k}": v.detach().clone() for k, v in layer.gradients(f"layers.{i}")}
        optimizer.step()
    tensors["losses"] = torch.tensor(losses)
    save(name, {k: v.numpy() for k, v in tensors.items()}, {"spec": spec, "inputs": str(x.shape[2])})


def cross_entropy(y, target):
    """Of the targets that are there."""
    classes = torch.nan_to_num(target, nan=-100.0).long()
    return torch.nn.functional.cross_entropy(y.flatten(0, 1), classes.flatten(), ignore_index=-100)


def losses():
    """CTC of a ragged batch whose blank is the last class, and cross-entropy with smoothing and with class weights."""
    lengths, targets, classes = [9, 4, 6, 3], [[2, 2, 0, 1], [], [3, 1, 3], [1, 1]], 5
    p = (2 * torch.randn(max(lengths), len(lengths), classes)).requires_grad_()
    values = torch.nn.functional.ctc_loss(
        torch.log_softmax(p, 2), torch.tensor(sum(targets, [])), torch.tensor(lengths), torch.tensor([len(y) for y in targets]),
        blank=classes - 1, reduction="none")
    values.mean().backward()
    padded = torch.zeros(max(len(y) for y in targets), len(lengths), 1)
    for b, y in enumerate(targets):
        padded[: len(y), b, 0] = torch.tensor(y)
    tensors = {"ctc.prediction": p, "ctc.lengths": torch.tensor(lengths), "ctc.target": padded, "ctc.losses": values,
               "ctc.target_lengths": torch.tensor([len(y) for y in targets]), "ctc.gradient": p.grad}
    target, weights = torch.randint(classes, (12,)), torch.tensor([0.5, 2, 1, 0, 3])
    for name, options in (("smoothed", {"label_smoothing": 0.15}), ("weighted", {"weight": weights})):
        p = torch.randn(12, classes).requires_grad_()
        loss = torch.nn.functional.cross_entropy(p, target, reduction="sum", **options)
        (loss / 12).backward()
        tensors |= {f"{name}.prediction": p, f"{name}.loss": loss, f"{name}.gradient": p.grad}
    tensors |= {"target": target[:, None], "weights": weights}
    save("losses", {k: v.detach().numpy() for k, v in tensors.items()}, {})


def characters():
    x = torch.randint(11, (12, 6, 1)).float()
    target = torch.randint(11, (12, 6, 1)).float()
    target[torch.rand(12, 6, 1) < 0.2] = torch.nan
    layers = [Embedding(11, 5), Lstm(5, 8), Dense(8, 11)]
    training("characters", "embedding 11 5, lstm 8, dense 11", layers, x, target, cross_entropy)


def encoder_decoder(score, lengths, target_lengths, inputs=3, hidden=4, queries=8, width=6, embedding=5, symbols=7):
    """Bidirectional LSTM encoder, bridge, LSTM decoder with input feeding, attention: the decoder's steps as a loop."""
    memory_width = 2 * hidden
    encoder, decoder = Lstm(inputs, hidden, True), Lstm(embedding + memory_width, queries)
    shapes = {"bridge.W": (2 * queries, 4 * hidden), "bridge.b": (2 * queries,), "embedding.vectors": (symbols + 1, embedding),
              "output.W": (symbols + 1, queries + memory_width), "output.b": (symbols + 1,)}
    if score == "additive":
        shapes |= {"attention.W": (width, queries), "attention.b": (width,), "attention.U": (width, memory_width),
                   "attention.v": (width,)}
    if score == "multiplicative":
        shapes["attention.W"] = (queries, memory_width)
    w = {k: torch.empty(*shape).uniform_(-0.8, 0.8).requires_grad_() for k, shape in shapes.items()}

    def scores(h, memory):  # [B, queries], [S, B, memory_width] -> [S, B]
        if score == "additive":
            return torch.tanh(h @ w["attention.W"].T + w["attention.b"] + memory @ w["attention.U"].T) @ w["attention.v"]
        return (h * (memory @ w["attention.W"].T if score == "multiplicative" else memory)).sum(2)

    batch, steps = len(lengths), max(target_lengths) + 1
    x = torch.randn(max(lengths), batch, inputs).requires_grad_()
    targets = torch.randint(symbols, (max(target_lengths), batch, 1))
    fed = torch.cat([torch.full((1, batch, 1), symbols), targets])[:, :, 0]
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    packed, final = encoder(packed, torch.zeros(batch, encoder.state_size()))
    memory, _ = torch.nn.utils.rnn.pad_packed_sequence(packed)
    outside = torch.arange(memory.shape[0])[:, None] >= torch.tensor(lengths)
    h, c = (s[None] for s in torch.tanh(final @ w["bridge.W"].T + w["bridge.b"]).chunk(2, dim=1))
    context, logits, attention = torch.zeros(batch, memory_width), [], []
    for t in range(steps):
        _, (h, c) = decoder.lstm(torch.cat([w["embedding.vectors"][fed[t]], context], 1)[None], (h.contiguous(), c.contiguous()))
        a = torch.softmax(scores(h[0], memory).masked_fill(outside, -torch.inf), 0)
        context = (a[:, :, None] * memory).sum(0)
        attention.append(a.T)
        logits.append(torch.cat([h[0], context], 1) @ w["output.W"].T + w["output.b"])
    logits, dy = torch.stack(logits), torch.randn(steps, batch, symbols + 1)
    there = torch.arange(steps)[:, None] <= torch.tensor(target_lengths)
    (logits * dy * there[:, :, None]).sum().backward()
    tensors = {"x": x, "lengths": torch.tensor(lengths), "targets": targets, "target_lengths": torch.tensor(target_lengths),
               "dy": dy, "logits": logits, "attention": torch.stack(attention), "dx": x.grad}
    for layer, prefix in ((encoder, "encoder.0"), (decoder, "decoder.0")):
        tensors |= {f"weights.{k}": v for k, v in layer.weights(prefix)}
        tensors |= {f"gradient.{k}": v for k, v in layer.gradients(prefix)}
    tensors |= {f"weights.{k}": v for k, v in w.items()} | {f"gradient.{k}": v.grad for k, v in w.items()}
    more = f" attention_width={width}" if score == "additive" else ""
    spec = (f"encoder_decoder(encoder(bidirectional(lstm {hidden})), decoder(lstm {queries})) symbols={symbols} "
            f"embedding={embedding} attention={score}{more}")
    save(f"attention_{score}", {k: v.detach().numpy() for k, v in tensors.items()}, {"spec": spec, "inputs": str(inputs)})


torch.manual_seed(1997)
network("lstm", "lstm 5", [Lstm(3, 5)], 3, [7, 2, 7, 1])
network("deep", "lstm 6, lstm 4, dense 2", [Lstm(3, 6), Lstm(6, 4), Dense(4, 2)], 3, [3, 9, 1, 5, 9])
network("wide", "lstm 70, dense 3", [Lstm(9, 70), Dense(70, 3)], 9, [20, 11])
network("bidirectional", "bidirectional(lstm 5), dense 2", [Lstm(4, 5, True), Dense(10, 2)], 4, [4, 8, 2])
network("bidirectional_deep", "bidirectional(lstm 5), bidirectional(lstm 3)", [Lstm(2, 5, True), Lstm(10, 3, True)], 2,
        [6, 3])
layers = [Lstm(2, 8), Dense(8, 1)]
x, target = torch.randn(12, 6, 2), torch.randn(12, 6, 1)
training("adam", "lstm 8, dense 1", layers, x, target, torch.nn.functional.mse_loss)
characters()
network("gru", "gru 5", [Gru(3, 5)], 3, [7, 2, 7, 1])
network("gru_bidirectional_deep", "bidirectional(gru 5), bidirectional(gru 3), dense 2",
        [Gru(2, 5, True), Gru(10, 3, True), Dense(6, 2)], 2, [6, 3, 1])
network("gru_before", "gru 6 reset=before, gru 4 reset=before, dense 2", [GruBefore(3, 6), GruBefore(6, 4), Dense(4, 2)], 3,
        [5, 9, 2])
network("layer_norm", "layer_norm, lstm 5, layer_norm, dense 2", [LayerNorm(3), Lstm(3, 5), LayerNorm(5), Dense(5, 2)], 3,
        [5, 8, 1])
network("conv1d", "conv1d 5 kernel=3 dilation=2, lstm 4, conv1d 3 kernel=2, dense 2",
        [Conv1d(3, 5, 3, 2), Lstm(5, 4), Conv1d(4, 3, 2), Dense(3, 2)], 3, [6, 9, 2, 1])
network("conv1d_same", "conv1d 5 kernel=4 padding=same, lstm 4, dense 2",
        [Conv1d(2, 5, 4, same=True), Lstm(5, 4), Dense(4, 2)], 2, [7, 3, 1])

torch.manual_seed(2000)
network("projected", "projected 6 projection=4", [Projected(3, 6, 4)], 3, [5, 2, 6])
network("peephole", "peephole 5", [LstmVariant(3, 5, peephole="diagonal")], 3, [5, 2, 6])
network("layer_norm_lstm", "lstm 5 layer_norm=on", [LstmVariant(3, 5, layer_norm=True)], 3, [5, 2, 6])
logistic = torch.sigmoid
network("lstm_1997", "lstm_1997 6 cells_per_block=2",
        [LstmVariant(3, 6, gates="igo", fed_back="all", block=2, g=lambda x: 4 * logistic(x) - 2, z=lambda x: 2 * logistic(x) - 1)],
        3, [5, 2, 6])
network("peephole_cell_feedback", "peephole_cell_feedback 5 output_activation=identity",
        [LstmVariant(3, 5, peephole="full", previous=True, feedback=False, z=lambda x: x)], 3, [5, 2, 6])
network("full_gate_recurrence", "full_gate_recurrence 4", [LstmVariant(3, 4, peephole="diagonal", fed_back="gates")], 3, [5, 2, 6])
network("coupled", "coupled 5 output_peephole=previous",
        [LstmVariant(3, 5, gates="igo", coupled=True, peephole="diagonal", previous=True)], 3, [5, 2, 6])
network("fewer_gates", "no_input_gate 4, no_output_gate 3, no_forget_gate 5",
        [LstmVariant(3, 4, gates="fgo", peephole="diagonal"), LstmVariant(4, 3, gates="ifg", peephole="diagonal"),
         LstmVariant(3, 5, gates="igo", peephole="diagonal")], 3, [5, 2, 6])
network("activations", "lstm 5 gate_activation=hard_sigmoid input_activation=softsign output_activation=elu peephole=full",
        [LstmVariant(3, 5, peephole="full", s=lambda x: (0.2 * x + 0.5).clamp(0, 1), g=torch.nn.functional.softsign,
                     z=torch.nn.functional.elu)], 3, [5, 2, 6])
network("conv_lstm", "conv_lstm 2 size=5x4 kernel=3 peephole=diagonal", [ConvLstm(5, 4, 3, 2, peephole=True)], 60, [3, 1, 4])
network("conv_lstm_previous", "conv_lstm 2 size=5x4 kernel=2 stride=2 dilation=2 recurrent_kernel=3 peephole=diagonal "
        "output_peephole=previous", [ConvLstm(5, 4, 3, 2, kernel=2, stride=2, dilation=2, peephole=True, previous=True)], 60, [3, 1, 4])
network("md_lstm", "md_lstm 2 size=3x4 peephole=diagonal", [MdLstm(3, 4, 2, 2)], 24, [2, 1])

torch.manual_seed(2015)
for score in ("additive", "multiplicative", "dot"):
    encoder_decoder(score, [6, 2, 9, 1], [3, 5, 4, 0])
network("rnn", "rnn 5, rnn 4 activation=relu", [Rnn(3, 5, "tanh"), Rnn(5, 4, "relu")], 3, [5, 2, 6])
torch.manual_seed(2006)
losses()
