"""The CMU pronouncing dictionary as pairs of lines for `carousel train translate`: WORD TAB PHONEMES.

    python3 examples/cmudict_pairs.py cmudict.dict > cmudict.tsv

Stress digits are taken off, remarks behind # left out; what the dictionary calls WORD(2) is one more answer for WORD.
"""
import re
import sys

seen = set()
for line in open(sys.argv[1], encoding="utf-8"):
    word, *phonemes = line.split("#")[0].split()
    pair = re.sub(r"\(\d+\)$", "", word) + "\t" + " ".join(phoneme.rstrip("012") for phoneme in phonemes)
    if pair not in seen:
        seen.add(pair)
        print(pair)
