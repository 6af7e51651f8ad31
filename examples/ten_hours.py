"""Ten hours of sound to train `carousel train transcribe` on, half an hour to validate and half an hour to test.

    python3 examples/ten_hours.py recordings hours

Reads the free spoken digits (files digit_speaker_number.wav) and writes hours/0.wav, hours/1.wav ...: twenty of them each, drawn by chance, the
same at every run; hours/manifest.csv says what they say and which part they belong to. Takes 640 MB.
"""
import pathlib
import sys
import wave

PARTS = {"train": 10, "validation": 0.5, "test": 0.5}  # hours
DIGITS = 20


def below(limit):
    """The same numbers with every version of Python."""
    below.number = (below.number * 6364136223846793005 + 1442695040888963407) % 2**64
    return (below.number >> 33) % limit


below.number = 1
recordings, folder = sorted(pathlib.Path(sys.argv[1]).glob("*.wav")), pathlib.Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
count = 0
with open(folder / "manifest.csv", "w", encoding="utf-8") as manifest:
    print("path,label,split", file=manifest)
    for part, hours in PARTS.items():
        seconds = 0
        while seconds < hours * 3600:
            digits = [recordings[below(len(recordings))] for _ in range(DIGITS)]
            with wave.open(str(folder / f"{count}.wav"), "wb") as out:
                for digit in digits:
                    with wave.open(str(digit), "rb") as sound:
                        if out.getnframes() == 0:
                            out.setparams(sound.getparams())
                        out.writeframes(sound.readframes(sound.getnframes()))
                seconds += out.getnframes() / out.getframerate()
            print(f"{count}.wav,{''.join(digit.name[0] for digit in digits)},{part}", file=manifest)
            count += 1
