#!/ usr / bin / env python3
"""Prints a safetensors file, strictly by the published description of the format (sizes, contiguity, alignment).

Usage: python3 print_safetensors.py FILE   (needs nothing but Python)
"""

import json
import struct
import sys

FORMATS = {"F32": "f", "F64": "d", "U8": "B", "I8": "b", "I32": "i", "U32": "I", "I64": "q", "U64": "Q", "BOOL": "?"}


def no_duplicates(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"keys twice: {keys}"
    return dict(pairs)


def main():
    sys.stdout.reconfigure(encoding="utf-8")
    with open(sys.argv[1], "rb") as stream:
        content = stream.read()
    (length,) = struct.unpack_from("<Q", content)
    header, data = content[8 : 8 + length], content[8 + length :]
    assert len(header) == length and header[:1] == b"{", "header"
    assert (8 + length) % 8 == 0, "the data must be aligned to 8 bytes"
    entries = json.loads(header.decode("utf-8"), object_pairs_hook=no_duplicates)
    for key, value in entries.pop("__metadata__", {}).items():
        assert isinstance(value, str), key
        print("metadata", key, repr(value))
    end = 0
    for begin, stop in sorted(entry["data_offsets"] for entry in entries.values()):
        assert begin == end and stop >= begin, "tensors must follow each other without holes"
        end = stop
    assert end == len(data), "the data must end with the last tensor"
    for name, entry in entries.items():
        begin, stop = entry["data_offsets"]
        numbers = [x for (x,) in struct.iter_unpack("<" + FORMATS[entry["dtype"]], data[begin:stop])]
        count = 1
        for extent in entry["shape"]:
            count *= extent
        assert len(numbers) == count, name
        print("tensor", name, entry["dtype"], entry["shape"], numbers)


if __name__ == "__main__":
    main()
