"""Writes each ```cpp block of a Markdown file as program_1.cpp, program_2.cpp, ... into a folder.

    extract_programs.py PAGE.md FOLDER
"""
import pathlib
import re
import sys

page, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
programs = re.findall(r"^```cpp\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)
if not programs:
    sys.exit(f"{page}: no ```cpp block")
folder.mkdir(parents=True, exist_ok=True)
for number, text in enumerate(programs, 1):
    path = folder / f"program_{number}.cpp"
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
