#!/usr/bin/env python3
"""Writes the broken files in tests/hostile/safetensors and expected.tsv, which says for each what the error must name.

Usage: python3 make_safetensors.py   (in any folder; needs nothing but Python)
"""

import pathlib
import struct

FOLDER = pathlib.Path(__file__).resolve().parent / "safetensors"


def file(header, data=b"", length=None):
    header = header if isinstance(header, bytes) else header.encode()
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def tensor(name="w", dtype='"F32"', shape="[2]", offsets="[0,8]"):
    return f'"{name}":{{"dtype":{dtype},"shape":{shape},"data_offsets":{offsets}}}'


def whole(*entries):
    return "{" + ",".join(entries) + "}"


DATA = bytes(8)
GOOD = whole(tensor())

CASES = {
    "empty": (b"", "byte 0: the file ends"),
    "seven_bytes": (b"\x08\0\0\0\0\0\0", "byte 7: the file ends"),
    "text": (b"epoch,loss\n1,0.5\n2,0.25\n", "byte 0: header length"),
    "header_length_only": (file("", length=2), "byte 0: header length 2, but 0 bytes follow"),
    "header_length_past_end": (file(GOOD, DATA, length=1000), "byte 0: header length 1000, but"),
    "header_length_largest": (file(GOOD, DATA, length=2**64 - 1), "byte 0: header length 18446744073709551615"),
    "header_length_negative": (file(GOOD, DATA, length=2**63), "byte 0: header length 9223372036854775808"),
    "header_length_zero": (file("", DATA), "byte 8: expected the '{'"),
    "header_begins_with_blank": (file(" " + GOOD, DATA), "byte 8: expected the '{'"),
    "header_byte_order_mark": (file(b"\xef\xbb\xbf" + GOOD.encode(), DATA), "byte 8: expected the '{'"),
    "header_array": (file("[1,2]"), "byte 8: expected the '{'"),
    "header_cut_off": (file(GOOD[:-1], DATA), "the header is not valid JSON"),
    "header_two_values": (file(GOOD + "{}", DATA), f"byte {8 + len(GOOD)}: the header is not valid JSON"),
    "header_zero_byte": (file(GOOD + "\0garbage", DATA), f"byte {8 + len(GOOD)}: found a zero byte"),
    "header_not_json": (file("{lstm: 3}"), "byte 9: the header is not valid JSON"),
    "header_binary": (file(b"{" + bytes(range(1, 200))), "byte 9: the header is not valid JSON"),
    "header_deep": (file('{"w":' + "[" * 5000), 'tensor "w": is an array'),
    "header_deep_objects": (file('{"w":' * 5000), 'tensor "w":'),
    "header_comment": (file("{/* none */}"), "byte 9: the header is not valid JSON"),
    "name_not_utf8": (file(GOOD.encode().replace(b"w", b"\xff"), DATA), "byte 10: the header is not valid JSON"),
    "name_surrogate_alone": (file(GOOD.replace("w", "\\ud800"), DATA), "the header is not valid JSON"),
    "name_twice": (file(whole(tensor(), tensor()), DATA), 'tensor "w": is there twice'),
    "name_line_ends": (file(whole(tensor("a\\nb", shape="[3]")), DATA), 'tensor "a\\x0ab": data_offsets hold 8'),
    "name_long": (file(whole(tensor("w" * 5000, shape="[3]")), DATA), 'www...": data_offsets hold 8'),
    "tensor_number": (file('{"w":3}'), 'tensor "w": is 3, expected an object'),
    "tensor_null": (file('{"w":null}'), 'tensor "w": is null, expected an object'),
    "tensor_empty": (file('{"w":{}}'), 'tensor "w": has no dtype'),
    "dtype_missing": (file('{"w":{"shape":[2],"data_offsets":[0,8]}}', DATA), 'tensor "w": has no dtype'),
    "shape_missing": (file('{"w":{"dtype":"F32","data_offsets":[0,8]}}', DATA), 'tensor "w": has no shape'),
    "offsets_missing": (file('{"w":{"dtype":"F32","shape":[2]}}', DATA), 'tensor "w": has no data_offsets'),
    "field_unknown": (file(whole(tensor()[:-1] + ',"stride":[1]}'), DATA), 'tensor "w": has "stride", expected'),
    "field_twice": (file(whole(tensor()[:-1] + ',"shape":[2]}'), DATA), 'tensor "w": has shape twice'),
    "dtype_number": (file(whole(tensor(dtype="32")), DATA), 'tensor "w": dtype is 32, expected a string'),
    "dtype_unknown": (file(whole(tensor(dtype='"F31"')), DATA), 'tensor "w": dtype is "F31", expected one of BOOL'),
    "dtype_lower_case": (file(whole(tensor(dtype='"f32"')), DATA), 'tensor "w": dtype is "f32", expected one of'),
    "shape_string": (file(whole(tensor(shape='"2"')), DATA), 'tensor "w": shape is "2", expected an array'),
    "shape_negative": (file(whole(tensor(shape="[-2]")), DATA), 'tensor "w": found -2 in shape'),
    "shape_fraction": (file(whole(tensor(shape="[2.0]")), DATA), 'tensor "w": found 2.0 in shape'),
    "shape_nested": (file(whole(tensor(shape="[[2]]")), DATA), 'tensor "w": found an array in shape'),
    "shape_past_64_bits": (file(whole(tensor(shape="[99999999999999999999]")), DATA), 'tensor "w": found 9999999999'),
    "shape_overflow": (
        file(whole(tensor(shape="[4294967296,4294967296,4294967296]")), DATA),
        'tensor "w": shape [4294967296, 4294967296, 4294967296] is too large',
    ),
    "shape_wraps_to_right_size": (
        file(whole(tensor(shape="[9223372036854775809,2]")), DATA),
        'tensor "w": shape [9223372036854775809, 2] is too large',
    ),
    "shape_too_many_extents": (file(whole(tensor(shape="[2,1,1,1,1,1,1]")), DATA), 'tensor "w": shape has more than 6'),
    "shape_larger_than_offsets": (
        file(whole(tensor(shape="[3]")), DATA),
        'tensor "w": data_offsets hold 8 bytes, expected 12 for F32 [3]',
    ),
    "offsets_one": (file(whole(tensor(offsets="[0]")), DATA), 'tensor "w": data_offsets has 1 numbers, expected 2'),
    "offsets_three": (file(whole(tensor(offsets="[0,8,8]")), DATA), 'tensor "w": found 8 in data_offsets'),
    "offsets_negative": (file(whole(tensor(offsets="[-8,0]")), DATA), 'tensor "w": found -8 in data_offsets'),
    "offsets_backwards": (file(whole(tensor(offsets="[8,0]")), DATA), 'tensor "w": data_offsets end at byte 0, before'),
    "offsets_past_end": (file(whole(tensor(offsets="[8,16]")), DATA), 'tensor "w": ends at byte 16 of the data'),
    "offsets_largest": (
        file(whole(tensor(offsets="[18446744073709551607,18446744073709551615]")), DATA),
        'tensor "w": ends at byte 18446744073709551615',
    ),
    "offsets_overlap": (
        file(whole(tensor("a"), tensor("b", offsets="[4,12]")), bytes(12)),
        'tensor "b": begins at byte 4 of the data, expected 8 (it overlaps another)',
    ),
    "offsets_same": (file(whole(tensor("a"), tensor("b")), DATA), "begins at byte 0 of the data, expected 8"),
    "offsets_hole": (
        file(whole(tensor("a"), tensor("b", offsets="[12,20]")), bytes(20)),
        'tensor "b": begins at byte 12 of the data, expected 8 (the bytes between belong to none)',
    ),
    "data_cut_off": (file(GOOD, DATA[:-1]), 'tensor "w": ends at byte 8 of the data, but the file holds 7'),
    "data_missing": (file(GOOD), 'tensor "w": ends at byte 8 of the data, but the file holds 0'),
    "data_trailing": (file(GOOD, DATA + b"\0"), "9 bytes of data, expected the 8"),
    "data_without_tensors": (file("{}", DATA), "8 bytes of data, expected the 0"),
    "metadata_string": (file('{"__metadata__":"spec"}'), "__metadata__: is \"spec\", expected an object"),
    "metadata_number": (file('{"__metadata__":{"epoch":3}}'), 'metadata "epoch": is 3, expected a string'),
    "metadata_nested": (file('{"__metadata__":{"a":{"b":"c"}}}'), 'metadata "a": is an object, expected a string'),
    "metadata_key_twice": (file('{"__metadata__":{"a":"1","a":"2"}}'), 'metadata "a": is there twice'),
    "metadata_twice": (file('{"__metadata__":{},"__metadata__":{}}'), "__metadata__: is there twice"),
    "pickle": (b"\x80\x02}q\x00X\x04\x00\x00\x00stepq\x01K\x01s.", "byte 0: header length"),
    "zip": (b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + bytes(40), "byte 0: header length"),
}


def main():
    FOLDER.mkdir(exist_ok=True)
    for name, (content, _) in CASES.items():
        (FOLDER / f"{name}.safetensors").write_bytes(content)
    lines = [f"{name}.safetensors\t{expected}\n" for name, (_, expected) in sorted(CASES.items())]
    (FOLDER / "expected.tsv").write_text("".join(lines))
    print(f"{len(CASES)} files in {FOLDER.name}")


if __name__ == "__main__":
    main()
