#!/usr/bin/env python3
"""Writes the seeds of model_fuzz into tests/fuzz/corpus/model: small models in float32, bf16 and int8 (docs/formats.md).

Usage: python3 make_models.py   (in any folder; needs nothing but Python)
"""

import json
import math
import pathlib
import struct

FOLDER = pathlib.Path(__file__).resolve().parent / "corpus" / "model"


def lstm(name, inputs, hidden):
    return [(f"{name}.W", [4 * hidden, inputs]), (f"{name}.R", [4 * hidden, hidden]), (f"{name}.b", [4 * hidden])]


def dense(name, inputs, outputs):
    return [(f"{name}.W", [outputs, inputs]), (f"{name}.b", [outputs])]


MODELS = {
    "lstm": ("lstm 2, dense 1", 1, lstm("layers.0", 1, 2) + dense("layers.1", 2, 1)),
    "symbols": ("embedding 3 2, dense 3", 1, [("layers.0.vectors", [3, 2])] + dense("layers.1", 2, 3)),
}


def tensors(name, shape, weights):
    """(name, dtype, shape, bytes) of a parameter: whole numbers, those of an int8 row times 1 / 64."""
    matrix = len(shape) == 2 and not name.endswith(".vectors")
    numbers = [(37 * i) % 15 - 7 for i in range(math.prod(shape))]
    if not matrix or weights == "float32":
        return [(name, "F32", shape, struct.pack(f"<{len(numbers)}f", *numbers))]
    if weights == "bf16":
        return [(name, "BF16", shape, b"".join(struct.pack("<f", number)[2:] for number in numbers))]
    rows, columns = shape
    for row in range(rows):  # the largest of every row is 127 scales
        numbers[row * columns] = 127
    return [(name, "I8", shape, struct.pack(f"{len(numbers)}b", *numbers)),
            (name + ".scale", "F32", [rows], struct.pack(f"<{rows}f", *[1 / 64] * rows))]


def model(spec, inputs, parameters, weights):
    metadata = {"format": "carousel model", "format_version": "1" if weights == "float32" else "2",
                "carousel_version": "0.1.0", "spec": spec, "inputs": str(inputs)}
    if weights != "float32":
        metadata["weights"] = weights
    header, data = {"__metadata__": metadata}, b""
    for name, shape in parameters:
        for tensor, dtype, extents, content in tensors(name, shape, weights):
            header[tensor] = {"dtype": dtype, "shape": extents, "data_offsets": [len(data), len(data) + len(content)]}
            data += content
    text = json.dumps(header, separators=(",", ":")).encode()
    return struct.pack("<Q", len(text)) + text + data


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (spec, inputs, parameters) in MODELS.items():
        for weights in ("float32", "bf16", "int8"):
            (FOLDER / f"{name}.{weights}.safetensors").write_bytes(model(spec, inputs, parameters, weights))


if __name__ == "__main__":
    main()
