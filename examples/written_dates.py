"""Dates as people write them, and as ISO 8601 has them, for `carousel train translate`.

    python3 examples/written_dates.py > dates.tsv
"""
import datetime

FORMS = ["{d} {month} {y}", "{month} {d}, {y}", "{day}, {d} {month} {y}", "{day} {month} {d}{th} {y}", "{d}{th} of {month}, {y}",
         "{mon} {d} {y}", "{d}. {m}. {y}", "{day}, the {d}{th} of {month} {y}"]


def written(date, form):
    ending = {1: "st", 2: "nd", 3: "rd"}.get(date.day % 10 if date.day // 10 != 1 else 0, "th")
    return form.format(d=date.day, m=date.month, y=date.year, th=ending, month=f"{date:%B}", mon=f"{date:%b}", day=f"{date:%A}")


def below(limit):
    """The same numbers with every version of Python."""
    below.number = (below.number * 6364136223846793005 + 1442695040888963407) % 2**64
    return (below.number >> 33) % limit


below.number = 1
for _ in range(4000):
    some_day = datetime.date(1950, 1, 1) + datetime.timedelta(below(36525))
    print(written(some_day, FORMS[below(len(FORMS))]), some_day.isoformat(), sep="\t")
