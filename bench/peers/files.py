"""The files that the engines read: inputs, weights, and for ONNX Runtime the graphs."""

import numpy
from onnx import TensorProto, checker, helper, numpy_helper, save

from works import SYMBOLS


def write_files(work, folder):
    random = numpy.random.default_rng(1)
    symbols = lambda: random.integers(SYMBOLS, size=(work.T, work.B)).astype("f4")
    values = lambda *shape: random.uniform(-1, 1, shape).astype("f4")
    whole = work.whole_model()
    (symbols() if whole else values(work.T, work.B, work.F)).tofile(f"{folder}/x.f32")
    (symbols() if whole else values(work.T, work.B, work.directions * work.H)).tofile(f"{folder}/dy.f32")
    weights = {name: values(*shape) for name, shape in work.weight_shapes().items()}
    for name in weights:
        if name.startswith(("W", "R")):
            weights[name] /= numpy.float32(work.H**0.5)
    numpy.concatenate([part.ravel() for part in weights.values()]).tofile(f"{folder}/weights.f32")
    if work.direction == "inference":
        write_model(work, weights, f"{folder}/model.onnx")
        write_call(work, f"{folder}/call.onnx")


def write_model(work, weights, path):
    nodes, initialisers, name = [], [], "x"
    for layer in range(work.layers):
        W, R, b = recurrent_weights(work, weights, layer)
        last = "y" if layer == work.layers - 1 else f"x{layer + 1}"
        shape = numpy.array([0, 0, work.directions * work.H], "i8")
        for values, letter in ((W, "W"), (R, "R"), (b, "B"), (shape, "shape")):
            initialisers.append(numpy_helper.from_array(values, f"{letter}{layer}"))
        options = {"linear_before_reset": 1} if work.cell == "gru" else {}
        nodes += [
            helper.make_node(
                work.cell.upper(),
                [name, f"W{layer}", f"R{layer}", f"B{layer}"],
                [f"y{layer}"],
                hidden_size=work.H,
                direction="bidirectional" if work.directions == 2 else "forward",
                **options,
            ),
            # [T, D, B, H] -> [T, B, D * H]
            helper.make_node("Transpose", [f"y{layer}"], [f"t{layer}"], perm=[0, 2, 1, 3]),
            helper.make_node("Reshape", [f"t{layer}", f"shape{layer}"], [last]),
        ]
        name = last
    write_graph(path, nodes, [work.T, work.B, work.F], [work.T, work.B, work.directions * work.H], initialisers)


def write_call(work, path):
    """A graph that does nothing but hand over outputs of the work's size: what a call costs."""
    shape = [work.T, work.B, work.directions * work.H]
    write_graph(path, [helper.make_node("Identity", ["x"], ["y"])], shape, shape, [])


def recurrent_weights(work, weights, layer):
    """ONNX's W, R and B of a layer."""

    def onnx_gates(values):
        """Gates i, f, g, o to ONNX's i, o, f, c. The files' z, r, n are ONNX's z, r, h."""
        if work.cell == "gru":
            return values
        i, f, g, o = numpy.split(values, 4)
        return numpy.concatenate([i, o, f, g])

    def both_biases(direction):
        second = numpy.zeros(work.gates() * work.H, "f4")
        if work.cell == "gru":
            second[2 * work.H :] = weights[f"bn {layer} {direction}"]
        return numpy.concatenate([onnx_gates(weights[f"b {layer} {direction}"]), second])

    directions = range(work.directions)
    W, R = (numpy.stack([onnx_gates(weights[f"{letter} {layer} {d}"]) for d in directions]) for letter in "WR")
    return W, R, numpy.stack([both_biases(d) for d in directions])


def write_graph(path, nodes, x, y, initialisers):
    describe = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    graph = helper.make_graph(nodes, "recurrent", [describe("x", x)], [describe("y", y)], initialisers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    checker.check_model(model)
    save(model, path)
