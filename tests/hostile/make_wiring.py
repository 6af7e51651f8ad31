#!/usr/bin/env python3
"""Writes the broken wirings in tests/hostile/wiring and expected.tsv, which says for each what the error must name.

Usage: python3 make_wiring.py   (in any folder; needs nothing but Python)
"""

import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent / "wiring"

A = b"units a 2 tanh\n"
AB = A + b"units b 3 tanh\n"
OUT = b"outputs a\n"

CASES = {
    "empty": (b"", "line 1, column 1: there are no outputs"),
    "comment_only": (b"# units a 2 tanh\n", "line 2, column 1: there are no outputs"),
    "no_outputs": (A, "line 2, column 1: there are no outputs"),
    "unknown_statement": (A + b"  unit b 2 tanh\n", 'line 2, column 3: found "unit", expected one of units'),
    "units_alone": (b"units\n", "line 1, column 6: the statement ends here"),
    "units_no_activation": (b"units a 2\n", "line 1, column 10: the statement ends here"),
    "units_extra": (b"units a 2 tanh 5\n", 'line 1, column 16: found "5", expected no further word'),
    "count_word": (b"units a two tanh\n", 'line 1, column 9: found "two", expected a number'),
    "count_negative": (b"units a -2 tanh\n", 'line 1, column 9: found "-2"'),
    "count_zero": (b"units a 0 tanh\n", "line 1, column 7: expected from 1 to 1048576 units, got 0"),
    "count_huge": (b"units a 2000000 tanh\n" + OUT, "line 1, column 7: expected from 1 to 1048576 units"),
    "count_overflow": (b"units a 99999999999999999999999 tanh\n", "line 1, column 9: found"),
    "units_altogether": (b"units a 1048576 tanh\nunits b 1 tanh\n", "line 2, column 7: more than 1048576 units altogether"),
    "activation_unknown": (b"units a 2 tanhh\n", "line 1, column 11: expected one of identity"),
    "activation_parameter": (b"units a 2 elu:x\n", "line 1, column 11: expected a number behind the colon"),
    "activation_parameters": (b"units a 2 tanh:1\n", "line 1, column 11: tanh has 0 parameters, got 1"),
    "activation_zero": (b"units a 2 scaled_tanh:0:1\n", "line 1, column 11: alpha must not be 0"),
    "name_number": (b"units 2 2 tanh\n", "line 1, column 7: a group's name is a letter"),
    "name_x": (b"units x 2 tanh\n", 'line 1, column 7: "x" means something else'),
    "name_one": (b"units one 2 tanh\n", 'line 1, column 7: "one" means something else'),
    "name_twice": (A + A, 'line 2, column 7: there are two groups "a"'),
    "name_long": (b"units " + b"a" * 5000 + b" 2 tanh\n", "line 1, column 7: a word of 5000 bytes, expected at most 64"),
    "connect_alone": (A + b"connect x\n", "line 2, column 10: the statement ends here"),
    "connect_from_nothing": (A + b"connect y a\n" + OUT, 'line 2, column 9: there is no group "y" to connect from'),
    "connect_to_nothing": (A + b"connect a b\n" + OUT, 'line 2, column 9: there is no group of units "b" to connect to'),
    "connect_to_x": (A + b"connect a x\n" + OUT, 'line 2, column 9: there is no group of units "x" to connect to'),
    "each_of_x": (A + b"connect x a\nconnect x a each\n" + OUT, "line 3, column 9: each: 3 units cannot be shared out to 2"),
    "connect_again": (A + b"connect x a\nconnect x a\n" + OUT, "line 3, column 9: these two groups are connected already"),
    "pairs_unknown": (A + b"connect x a some\n", 'line 2, column 13: found "some", expected one of all, each, self'),
    "self_other": (AB + b"connect a b self\n" + OUT, 'line 3, column 9: self connects a group with itself'),
    "each_uneven": (AB + b"connect a b each\n" + OUT, "line 3, column 9: each: 2 units cannot be shared out to 3"),
    "gater_unknown": (A + b"connect x a gater=g\n" + OUT, 'line 2, column 9: gater: there is no group of units "g"'),
    "gater_x": (A + b"connect x a gater=x\n" + OUT, 'line 2, column 9: gater: there is no group of units "x"'),
    "gater_uneven": (AB + b"connect x a gater=b\n" + OUT, "line 3, column 9: gater: 2 units cannot be gated by 3"),
    "gater_empty": (A + b"connect x a gater=\n", 'line 2, column 13: found "gater=", expected gater=NAME'),
    "gater_twice": (A + b"connect x a gater=a gater=a\n", 'line 2, column 21: found "gater=a", expected'),
    "weight_word": (A + b"connect x a weight=heavy\n", 'line 2, column 13: weight: found "heavy", expected a number'),
    "weight_nan": (A + b"connect x a weight=nan\n", 'line 2, column 13: weight: found "nan"'),
    "weight_huge": (A + b"connect x a weight=1e31\n" + OUT, "line 2, column 9: expected a weight within"),
    "weight_and_start": (A + b"connect x a weight=1 start=2\n" + OUT, "line 2, column 9: has a weight for good"),
    "option_unknown": (A + b"connect x a wieght=1\n", 'line 2, column 13: found "wieght=1", expected gater=NAME'),
    "pairs_after_option": (A + b"connect x a weight=1 each\n", 'line 2, column 22: found "each", expected gater=NAME'),
    "too_many_pairs": (b"units a 10000 tanh\nunits b 10000 tanh\nconnect a b\noutputs b\n",
                       "line 3, column 9: more than 67108864 pairs"),
    "outputs_alone": (A + b"outputs\n", "line 2, column 8: the statement ends here"),
    "outputs_unknown": (A + b"outputs a b\n", 'line 2, column 11: there is no group of units "b"'),
    "outputs_twice": (A + OUT + OUT, "line 3, column 1: outputs are given twice"),
    "outputs_repeated": (A + b"outputs a a\n", 'line 2, column 11: "a" is among the outputs twice'),
    "not_ascii": ("units \u00e4 2 tanh\n".encode(), "line 1, column 7: found byte 0xc3"),
    "zero_byte": (A + b"outputs a\0\n", "line 2, column 10: found byte 0x00"),
    "escape": (b"units \x1b[31m 2 tanh\n", "line 1, column 7: found byte 0x1b"),
    "binary": (bytes(range(256)), "line 1, column 1: found byte 0x00"),
    "too_long": (A * 6000, "is 90000 bytes long, expected at most 65536"),
    "many_groups": (b"".join(b"units a%d 1 tanh\n" % i for i in range(1200)), "line 1001, column 7: more than 1000 groups"),
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
