"""Types the commands of a page and compares what they print with what the page says they print.

    run_commands.py PROGRAM SOURCE_FOLDER PAGE.md

Every line of a ```sh block that begins with "carousel" or "build/release/carousel" is run, in a folder that holds examples/ and
made-up files that the pages speak of: sales.csv, shops.csv, branches.csv, stores.csv, stores-later.csv, tales.txt, dates.tsv,
tunes/, a folder of MIDI files, whistles/ and whistles.csv; "< FILE" at its end is its standard input. A plain ``` block must stand,
line by line, in the output of the command before it; the line "..." stands for any lines.
"""
import datetime
import math
import os
import pathlib
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import wave


def sales(shop, days=260):
    """Daily rows with a weekly cycle."""
    rows = []
    for day in range(days):
        date = datetime.date(2024, 1, 1) + datetime.timedelta(day)
        price, holiday = 9 + day % 3, int(date.day == 1)
        visitors = 100 + 40 * (date.weekday() >= 5) + day * 7 % 11
        units = visitors // 2 - 3 * price + 20 * holiday + 10 * shop
        rows.append((date, units, visitors, price, holiday))
    return rows


def tales(sentences=1500):
    """Sentences of a small grammar: what a language model can learn in seconds."""
    words = [["the old", "a young", "the tired", "one brave"], ["sailor", "queen", "miller", "fox"],
             ["saw", "painted", "followed", "forgot"], ["the moon", "a letter", "her brother", "the green door"],
             ["at night", "by the river", "without a word", "in the rain"]]
    number, lines = 1, []
    for _ in range(sentences):
        line = []
        for choices in words:
            number = (number * 1103515245 + 12345) % 2**31
            line.append(choices[number >> 16 & 3])
        lines.append(" ".join(line).capitalize() + ".")
    return "\n".join(lines) + "\n"


def tune(number, bars=8):
    """A MIDI file: eight bars of four beats, a chord below and a tune of its notes above; it ends as it begins."""
    chords = {"C": (48, 52, 55), "F": (48, 53, 57), "G": (47, 50, 55), "a": (45, 52, 57)}
    follows = {"C": "FGa", "F": "CGG", "G": "CCa", "a": "FFG"}
    name, track, wait, choice = "C", b"", 0, number
    for bar in range(bars):
        if bar > 0:
            choice = (choice * 1103515245 + 12345) % 2**31
            name = "C" if bar == bars - 1 else follows[name][(choice >> 16) % 3]
        for pitch in chords[name]:
            track += bytes([wait, 0x90, pitch, 60])
            wait = 0
        for beat in range(4):
            choice = (choice * 1103515245 + 12345) % 2**31
            top = chords[name][(choice >> 16) % 3] + 24
            track += bytes([wait, 0x90, top, 80, 96, 0x80, top, 0])
            wait = 0
        for pitch in chords[name]:
            track += bytes([0, 0x80, pitch, 0])
    track += b"\0\xff\x2f\0"
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, 96) + b"MTrk" + struct.pack(">I", len(track)) + track


def whistle(path, begin, end, seconds, rate=8000):
    """A WAV file of a tone that glides from one pitch, in hertz, to another, louder in the middle."""
    phase, samples, count = 0, [], int(seconds * rate)
    for t in range(count):
        phase += 2 * math.pi * (begin + (end - begin) * t / count) / rate
        samples.append(int(12000 * math.sin(math.pi * t / count) * math.sin(phase)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(struct.pack(f"<{count}h", *samples))


def whistles(folder):
    """A folder for each way of gliding, and a manifest that writes them as u, d and s."""
    lines = ["path,text,split"]
    for name, way in (("up", 2), ("down", 1 / 2), ("steady", 1)):
        (folder / "whistles" / name).mkdir(parents=True)
        for i in range(30):
            begin = 700 + 29 * (i * 7 % 30)
            whistle(folder / "whistles" / name / f"{i:02}.wav", begin, begin * way, 0.15 + 0.005 * (i * 11 % 30))
            lines.append(f"whistles/{name}/{i:02}.wav,{name[0]},{'test' if i % 5 == 0 else 'train'}")
    (folder / "whistles.csv").write_text("\n".join(lines) + "\n")


def write_files(folder):
    (folder / "tunes").mkdir()
    for number in range(120):
        (folder / f"tunes/{number:03}.mid").write_bytes(tune(number))
    whistles(folder)
    (folder / "tales.txt").write_text(tales())
    with open(folder / "sales.csv", "w") as file:
        file.write("day,units,visitors,price,holiday\n")
        for row in sales(0):
            file.write(",".join(map(str, row)) + "\n")
    with open(folder / "branches.csv", "w") as file:
        file.write("branch,day,region,size,units\n")
        for branch in range(4):
            for date, units, *_ in sales(branch):
                file.write(f"branch {branch},{date},{'north' if branch % 2 else 'south'},{100 + 50 * branch},{units}\n")
    for name, begin, end in (("stores.csv", 0, 246), ("stores-later.csv", 246, 260)):
        with open(folder / name, "w") as file:
            file.write("store," + ",".join(f"d{day}" for day in range(begin, end)) + "\n")
            for store in range(5):
                values = [str(row[1]) for row in sales(store)[begin:end]]
                file.write(f"store {store}," + ",".join(values) + "\n")
    with open(folder / "shops.csv", "w") as file:
        file.write("shop,day,units\n")
        for shop in range(3):
            for date, units, *_ in sales(shop):
                file.write(f"shop {shop},{date},{units}\n")


def blocks(page):
    for language, text in re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE):
        yield language, text.replace("\\\n", " ")


def says(expected, output):
    """Whether the lines of `expected` stand in `output` in this order, next to each other but at "..."."""
    parts = [part.strip("\n") for part in re.split(r"^\.\.\.$", expected, flags=re.MULTILINE)]
    at = 0
    for part in parts:
        found = output.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True


def main():
    program, source, page = (pathlib.Path(a).resolve() for a in sys.argv[1:4])
    environment = {k: v for k, v in os.environ.items() if k != "COLUMNS"} | {"NO_COLOR": "1"}
    run, failures, output = 0, 0, ""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        shutil.copytree(source / "examples", folder / "examples")
        write_files(folder)
        with open(folder / "dates.tsv", "w") as file:
            subprocess.run([sys.executable, source / "examples/written_dates.py"], stdout=file, check=True)
        for language, text in blocks(page):
            if language == "":
                if not says(text, output):
                    failures += 1
                    print(f"{page.name}: says\n{text}\nbut the command before it printed\n{output}")
                continue
            for line in text.splitlines() if language == "sh" else []:
                words = shlex.split(line, comments=True)
                if not words or pathlib.Path(words[0]).name != "carousel":
                    continue
                run += 1
                redirected = words[-2:-1] == ["<"]
                with open(folder / words[-1] if redirected else os.devnull, "rb") as given:
                    done = subprocess.run([program, *words[1:-2 if redirected else None]], cwd=folder, env=environment,
                                          stdin=given, capture_output=True, text=True)
                output = done.stdout
                if done.returncode != 0:
                    failures += 1
                    print(f"{page.name}: {line}\nended with {done.returncode}: {done.stderr}")
    print(f"{page.name}: {run} commands, {failures} failures")
    sys.exit(1 if failures or not run else 0)


main()
