#!/usr/bin/env python3
"""Checks that every required slot of a design is filled in.

    check_design.py DESIGN [DESIGN...]

A slot is `**Name:** answer`. "Not applicable: because ..." is an answer; a bare "n/a" or "TBD" is none.
Prints one line a fault. Exit code: 0 none, 1 faults, 2 a design cannot be read.
"""

import argparse
import re
import sys
from pathlib import Path

SLOTS = (
    "Decision served",
    "Target and its time",
    "Data at prediction time",
    "Baseline",
    "Metric and threshold",
    "Latency",
    "SLA",
    "Cost",
    "Label delay",
    "Failure cost",
    "Privacy",
    "Rollback",
)
SLOT = re.compile(r"^[ \t]*(?:[-*][ \t]+)?\*\*([^*:]+):\*\*[ \t]*(.*)$")
EMPTY = re.compile(r"^(?:[-?.\s]*|n/?a|none|not applicable|unknown|later|t\.?b\.?[dc]\.?|todo|<.*>)[.:]?$", re.IGNORECASE)
OPEN = re.compile(r"\b(?:TBD|TODO|FIXME)\b")


def answers_in(lines):
    """Each slot with all lines up to the next slot or heading."""
    answers, name = {}, None
    for line in lines:
        if found := SLOT.match(line):
            name = found[1].strip().lower()
            answers.setdefault(name, []).append(found[2])
        elif line.startswith("#"):
            name = None
        elif name is not None:
            answers[name].append(line)
    return {key: " ".join(part.strip() for part in value if part.strip() != "") for key, value in answers.items()}


def faults_of(text):
    lines = text.splitlines()
    answers = answers_in(lines)
    for slot in SLOTS:
        answer = answers.get(slot.lower())
        if answer is None:
            yield f"there is no **{slot}:**"
        elif EMPTY.match(answer):
            yield f"{slot} is not filled in (not applicable? then say why)"
    for at, line in enumerate(lines, start=1):
        if found := OPEN.search(line):
            yield f"line {at}: {found[0]} leaves something open"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("design", nargs="+")
    bad = False
    for name in parser.parse_args().design:
        try:
            text = Path(name).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            print(f"{name} cannot be read: {error}", file=sys.stderr)
            sys.exit(2)
        for fault in faults_of(text):
            bad = True
            print(f"{name}: {fault}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
