#!/usr/bin/env python3
"""Fails where a kernel takes more than 5 % more instructions than recorded in counts.txt.

    check.py [--record KERNEL REASON] COMPILER KERNEL_CALLS

COMPILER is the key of counts.txt, name and major version, such as GNU-12; KERNEL_CALLS is the built program. Its
instructions are counted by callgrind: the same number on every CPU and however busy the machine is. Ends with status
77 where there is nothing to compare with. With --record the line of KERNEL (or "all") is written anew, with REASON.
"""
import argparse
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

COUNTS = Path(__file__).resolve().parent / "counts.txt"
TOLERANCE_PERCENT = 5
NOTHING_TO_COMPARE = 77


@dataclass(frozen=True)
class Count:
    instructions: int  # of one call
    reason: str


def read_counts(text):
    """{(compiler, kernel): Count} from lines "COMPILER KERNEL INSTRUCTIONS REASON"; # begins a comment."""
    counts = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        words = line.split(maxsplit=3)
        if len(words) < 4 or not words[2].isdigit() or int(words[2]) == 0:
            raise ValueError(f"counts.txt:{number}: expected COMPILER KERNEL INSTRUCTIONS REASON, found '{line}'")
        if (words[0], words[1]) in counts:
            raise ValueError(f"counts.txt:{number}: {words[0]} {words[1]} stands there twice")
        counts[words[0], words[1]] = Count(int(words[2]), words[3])
    return counts


def with_counts(text, compiler, measured, reason):
    """The text of counts.txt with the lines of `measured` {kernel: instructions} replaced or added."""
    if not reason.strip() or "\n" in reason:
        raise ValueError("say in one line why the count changed")
    lines = text.splitlines()
    for kernel, instructions in measured.items():
        line = f"{compiler:8} {kernel:30} {instructions:>9}  {reason.strip()}"
        place = next((i for i, old in enumerate(lines) if old.split()[:2] == [compiler, kernel]), len(lines))
        lines[place:place + 1] = [line]
    return "\n".join(lines) + "\n"


def compare(counts, compiler, measured):
    """(problems, remarks), lines of text, about `measured` {kernel: instructions of one call}."""
    problems, remarks = [], []
    recorded = {kernel: count for (name, kernel), count in counts.items() if name == compiler}
    for kernel in sorted(recorded.keys() | measured.keys()):
        if kernel not in measured:
            problems.append(f"{kernel}: counts.txt has a line for {compiler}, but there is no such kernel; take it out")
        elif kernel not in recorded:
            problems.append(f"{kernel}: {measured[kernel]} instructions, and no line for {compiler} in counts.txt")
        else:
            before, now = recorded[kernel].instructions, measured[kernel]
            change, allowed = 100 * (now - before), TOLERANCE_PERCENT * before
            text = f"{kernel}: {before} instructions recorded, {now} now ({change / before:+.1f} %)"
            if change > allowed:
                problems.append(f"{text}; a rise of {TOLERANCE_PERCENT} % is allowed")
            else:
                remarks.append(text + ("; worth recording" if change < -allowed else ""))
    return problems, remarks


def count(program, kernel):
    """Instructions of one call."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "callgrind.out"
        command = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}", "--collect-atstart=no",
                   "--toggle-collect=measured_calls", program, kernel]
        done = subprocess.run(command, capture_output=True, text=True)
        calls = re.fullmatch(r"(\d+) calls\n", done.stdout)
        if done.returncode != 0 or not calls:
            sys.exit(f"{shlex.join(command)} failed with status {done.returncode}:\n{done.stdout}{done.stderr}")
        total = int(re.search(r"^totals: (\d+)", out.read_text(), re.MULTILINE).group(1))
        if total == 0:
            sys.exit(f"{shlex.join(command)}: callgrind did not see measured_calls")
        return total // int(calls.group(1))


def kernels(program):
    """Names of the kernels, or None where the program cannot run them on this CPU."""
    done = subprocess.run([program], capture_output=True, text=True)
    if done.returncode == NOTHING_TO_COMPARE:
        print(f"instructions: nothing compared: {done.stderr.strip()}")
        return None
    done.check_returncode()
    return done.stdout.split()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", nargs=2, metavar=("KERNEL", "REASON"))
    parser.add_argument("compiler", metavar="COMPILER")
    parser.add_argument("program", metavar="KERNEL_CALLS")
    arguments = parser.parse_args()
    again = f"{shlex.quote(sys.argv[0])} --record KERNEL 'REASON' {arguments.compiler} {shlex.quote(arguments.program)}"

    if shutil.which("valgrind") is None:
        print("instructions: nothing compared: valgrind is not installed")
        return NOTHING_TO_COMPARE
    names = kernels(arguments.program)
    if names is None:
        return NOTHING_TO_COMPARE
    if arguments.record:
        kernel, reason = arguments.record
        if kernel != "all" and kernel not in names:
            sys.exit(f"there is no kernel '{kernel}'; there are {', '.join(names)}")
        measured = {name: count(arguments.program, name) for name in names if kernel in ("all", name)}
        COUNTS.write_text(with_counts(COUNTS.read_text(), arguments.compiler, measured, reason))
        return 0
    counts = read_counts(COUNTS.read_text())
    if not any(compiler == arguments.compiler for compiler, _ in counts):
        print(f"instructions: nothing compared: counts.txt has no counts for {arguments.compiler}, only for "
              f"{', '.join(sorted({compiler for compiler, _ in counts}))}; to record them: {again.replace('KERNEL', 'all', 1)}")
        return NOTHING_TO_COMPARE
    problems, remarks = compare(counts, arguments.compiler, {name: count(arguments.program, name) for name in names})
    print("\n".join(remarks + problems))
    if problems or any("worth recording" in remark for remark in remarks):
        print(f"To record a count, with the reason for the change: {again}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
