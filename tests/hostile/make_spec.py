#!/usr/bin/env python3
"""Writes the broken specs in tests/hostile/spec and expected.tsv, which says for each what the error must name.

Usage: python3 make_spec.py   (in any folder; needs nothing but Python)
"""

import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent / "spec"

CASES = {
    "empty": (b"", "column 1: is empty"),
    "blank": (b" \n\t ", "column 5: is empty"),
    "comma_only": (b",", "column 1: found ',', expected the name of a layer"),
    "comma_first": (b", lstm 8", "column 1: found ','"),
    "comma_last": (b"lstm 8,", "column 8: found the end"),
    "comma_twice": (b"lstm 8,, dense 1", "column 8: found ','"),
    "number_first": (b"128 lstm", 'column 1: found "128", expected the name of a layer'),
    "kind_with_dash": (b"conv-lstm 8", 'column 1: found "conv-lstm"'),
    "semicolon": (b"lstm 8; dense 1", "column 7: found ';'"),
    "quotes": (b'"lstm" 8', "column 1: found '\"'"),
    "braces": (b"{lstm: 8}", "column 1: found '{'"),
    "never_closed": (b"residual(lstm 8, dense 8", "column 9: this '(' is never closed"),
    "never_opened": (b"lstm 8), dense 1", "column 7: found ')' without"),
    "closed_twice": (b"residual(lstm 8))", "column 17: found ')' without"),
    "nothing_inside": (b"residual()", "column 10: found nothing in the parentheses"),
    "comma_inside": (b"residual(lstm 8,)", "column 17: found ')', expected the name of a layer"),
    "two_parentheses": (b"residual(lstm 8)(lstm 9)", "column 17: found '(', expected it right after \"residual\""),
    "late_parentheses": (b"bidirectional merge=sum (lstm 8)", "column 25: found '(', expected it right after"),
    "no_name_before_equals": (b"lstm = 8", "column 6: found '=' without the name"),
    "number_before_equals": (b"lstm 8=9", 'column 6: found "8" before \'=\''),
    "no_value_after_equals": (b"lstm clip=", "column 11: found the end, expected the value"),
    "equals_twice": (b"lstm clip==3", "column 11: found '=', expected the value"),
    "option_twice": (b"lstm 8 clip=3 clip=4", 'column 15: lstm: option "clip" is given twice'),
    "layers_as_value": (b"lstm clip=(dense 1)", "column 11: found '(', expected the value"),
    "not_ascii": ("lstm\u00a08".encode(), "column 5: found byte 0xc2"),
    "not_utf8": (b"lstm \xff8", "column 6: found byte 0xff"),
    "zero_byte": (b"lstm 8\0", "column 7: found byte 0x00"),
    "escape": (b"lstm \x1b[31m8", "column 6: found byte 0x1b"),
    "binary": (bytes(range(256)), "column 1: found byte 0x00"),
    "deep": (b"r(" * 17 + b"lstm 1" + b")" * 17, "column 34: parentheses more than 16 deep"),
    "deep_open": (b"r(" * 20000, "column 34: parentheses more than 16 deep"),
    "many_layers": (b"a," * 5000 + b"a", "column 2001: more than 1000 layers"),
    "too_long": (b"lstm 1" + b" " * 70000, "is 70006 bytes long, expected at most 65536"),
    "long_word": (b"lstm 8, 9" + b"x" * 1000, 'column 9: found "9xxxxxxx'),
}


def main():
    FOLDER.mkdir(exist_ok=True)
    for name, (content, _) in CASES.items():
        (FOLDER / f"{name}.txt").write_bytes(content)
    lines = [f"{name}.txt\t{expected}\n" for name, (_, expected) in sorted(CASES.items())]
    (FOLDER / "expected.tsv").write_text("".join(lines))
    print(f"{len(CASES)} files in {FOLDER.name}")


if __name__ == "__main__":
    main()
