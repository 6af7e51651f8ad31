#!/usr/bin/env python3
"""Writes the seeds of model_fuzz into tests/fuzz/corpus/model: small models of every kind, some in bf16 and int8 (docs/formats.md).

Usage: python3 make_models.py   (in any folder; needs nothing but Python)
"""

import json
import math
import pathlib
import struct

FOLDER = pathlib.Path(__file__).resolve().parent / "corpus" / "model"


ALL = ("float32", "bf16", "int8")


def gated(name, gates, inputs, hidden, fed_back=None):
    """What lstm (4 gates), gru (3) and rnn (1) have."""
    fed_back = hidden if fed_back is None else fed_back
    return [(f"{name}.W", [gates * hidden, inputs]), (f"{name}.R", [gates * hidden, fed_back]), (f"{name}.b", [gates * hidden])]


def gru(name, inputs, hidden):
    return gated(name, 3, inputs, hidden) + [(f"{name}.b_Rn", [hidden])]


def dense(name, inputs, outputs):
    return [(f"{name}.W", [outputs, inputs]), (f"{name}.b", [outputs])]


# name: (spec, inputs, parameters, kept as)
MODELS = {
    "lstm": ("lstm 2, dense 1", 1, gated("layers.0", 4, 1, 2) + dense("layers.1", 2, 1), ALL),
    "symbols": ("embedding 3 2, dense 3", 1, [("layers.0.vectors", [3, 2])] + dense("layers.1", 2, 3), ALL),
    "peephole": ("peephole 2 zoneout_cell=0.25, residual(gru 2), dense 1", 1,
                 gated("layers.0", 4, 1, 2) + [("layers.0.p", [3, 2])] + gru("layers.1", 2, 2) + dense("layers.2", 2, 1), ("bf16",)),
    "projected": ("projected 2 projection=1 learned_start=on", 1,
                  gated("layers.0", 4, 1, 2, 1) + [("layers.0.W_p", [1, 2]), ("layers.0.start", [3])], ("int8",)),
    "conv_lstm": ("conv_lstm 1 size=2x2 peephole=diagonal", 4,
                  [("layers.0.W", [4, 9]), ("layers.0.R", [4, 9]), ("layers.0.b", [4]), ("layers.0.p", [3, 4])], ("float32",)),
    "md_lstm": ("md_lstm 1 size=2x2 directions=one", 4,
                [("layers.0.0.W", [5, 1]), ("layers.0.0.R", [5, 2]), ("layers.0.0.b", [5])], ("float32",)),
    "lstm_g": ("lstm_g(units h 2 tanh, connect one h, connect x h, connect h h, outputs h)", 1,
               [("layers.0.h.one", [2, 1]), ("layers.0.h.x", [2, 1]), ("layers.0.h.h", [2, 2])], ("float32",)),
    "relatives": ("mlstm 2 heads=2, slstm 2, parallel(min_lstm 1, min_gru 1), rnn 1", 1,
                  dense("layers.0", 1, 12) + gated("layers.1", 4, 2, 2) + dense("layers.2.0", 2, 3) + dense("layers.2.1", 2, 2) +
                  gated("layers.3", 1, 2, 1), ("float32",)),
    "lengths": ("conv1d 2 kernel=2, layer_norm, pyramid, pool max, softmax 2", 1,
                dense("layers.0", 2, 2) + [("layers.1.gain", [2]), ("layers.1.b", [2])] + dense("layers.4", 4, 2), ("float32",)),
    "encoder_decoder": ("encoder_decoder(encoder(embedding 3 2, bidirectional(gru 2)), decoder(peephole 3)) symbols=3 embedding=2 "
                        "attention_width=2", 1,
                        [("encoder.0.vectors", [3, 2])] + gru("encoder.1.forward", 2, 2) + gru("encoder.1.backward", 2, 2) +
                        dense("bridge", 4, 6) + [("embedding.vectors", [4, 2])] + gated("decoder.0", 4, 6, 3) +
                        [("decoder.0.p", [3, 3])] + dense("attention", 3, 2) + [("attention.U", [2, 4]), ("attention.v", [2])] +
                        dense("output", 7, 4), ALL),
    "encoder_decoder_multiplicative": (
        "encoder_decoder(encoder(rnn 2), decoder(rnn 1)) symbols=1 embedding=1 attention=multiplicative bridge=none", 1,
        gated("encoder.0", 1, 1, 2) + [("embedding.vectors", [2, 1])] + gated("decoder.0", 1, 3, 1) + [("attention.W", [1, 2])] +
        dense("output", 3, 2), ("float32",)),
    "transducer": ("transducer(encoder(gru 2, pyramid), prediction(rnn 2)) symbols=2 embedding=1 joint=3", 1,
                   gru("encoder.0", 1, 2) + [("embedding.vectors", [3, 1])] + gated("prediction.0", 1, 1, 2) +
                   dense("joint.source", 4, 3) + [("joint.prediction.W", [3, 2])] + dense("output", 3, 3), ALL),
}
MATRICES = ("W", "R", "U", "W_p")


def tensors(name, shape, weights):
    """(name, dtype, shape, bytes) of a parameter: whole numbers, those of an int8 row times 1 / 64."""
    matrix = name.rpartition(".")[2] in MATRICES
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
    for name, (spec, inputs, parameters, kept_as) in MODELS.items():
        for weights in kept_as:
            (FOLDER / f"{name}.{weights}.safetensors").write_bytes(model(spec, inputs, parameters, weights))


if __name__ == "__main__":
    main()
