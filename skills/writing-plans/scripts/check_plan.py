#!/usr/bin/env python3
"""Checks that a plan has what an executor needs: filled slots, tasks in order, each with its proof.

    check_plan.py PLAN [PLAN...]

Prints one line a fault. Exit code: 0 none, 1 faults, 2 a plan cannot be read.
"""

import argparse
import re
import sys
from pathlib import Path

HEADER = ("Goal", "Approach", "Stack", "Latency", "SLA", "Cost", "Rollback")
OF_A_TASK = ("Files", "Interfaces", "Acceptance", "Budget")
# Words that stand where the author had not decided. A reasoned "not applicable: ..." is an answer, a bare one is not.
UNDECIDED = re.compile(r"^(?:|-+|\?+|n/?a|none|not applicable|later|tb[dc]|todo|<.*>)\.?$", re.IGNORECASE)
LEFT_OPEN = re.compile(
    r"\b(?:TBD|TODO|FIXME|XXX)\b|<[a-z][^<>\n]*\s[^<>\n]*>|\b(?:same as|like|similar to) task \d"
    r"|\badd (?:appropriate|proper|suitable|the usual) |\bhandle (?:all )?(?:errors|edge cases)\b(?! (?:by|with|as))"
    r"|\b(?:write|add) tests for (?:the above|this|it)\b",
    re.IGNORECASE,
)
TASK = re.compile(r"^#{2,4}\s+Task\s+(\d+)\b(.*)$", re.IGNORECASE)
FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
# Making a model; not the training data, the train/validation split or the serving of a model that is there.
MODEL = re.compile(
    r"\b(?:re)?train(?:s|ing)?\b(?![-/ ]+(?:data|set|rows|part|split|val\w*|test|serv\w*|ids?)\b)|\b(?:fine-?)?tun(?:e|es|ing)\b|\bdistil",
    re.IGNORECASE,
)
BEFORE_A_MODEL = (("a baseline", re.compile(r"\bbaseline\b", re.I)), ("an evaluation", re.compile(r"\bevaluat|\bmetric|\bscor", re.I)))


def slot(text, name):
    """What stands in a slot `**Name:** ...`, the lines of a list below it included; `None` when there is no such slot."""
    found = re.search(rf"^[ \t]*(?:[-*][ \t]+)?\*\*{name}:\*\*[ \t]*(.*(?:\n[ \t]*[-*][ \t]+(?!\*\*).*)*)", text, re.I | re.M)
    return None if found is None else found[1].strip()


def slot_faults(text, names, where):
    for name in names:
        value = slot(text, name)
        if value is None:
            yield f"{where}: there is no **{name}:**"
        elif UNDECIDED.match(value):
            yield f"{where}: {name} is not filled in (not applicable? then say why)"


def prose_of(text):
    """The lines outside code fences, so that code may say what it likes; fenced ones are kept empty."""
    fence, lines = None, []
    for line in text.splitlines():
        mark = FENCE.match(line)
        if mark and (fence is None or (mark[1][0] == fence[0] and len(mark[1]) >= len(fence))):
            fence = mark[1] if fence is None else None
            lines.append("")
        else:
            lines.append("" if fence else line)
    return lines


def tasks_of(lines):
    starts = [(at, found) for at, line in enumerate(lines) if (found := TASK.match(line))]
    ends = [at for at, _ in starts[1:]] + [len(lines)]
    return [(int(found[1]), found[2], at, end) for (at, found), end in zip(starts, ends)]


def faults_of(text):
    lines = prose_of(text)
    tasks = tasks_of(lines)
    header = "\n".join(lines[: tasks[0][2]] if tasks else lines)
    yield from slot_faults(header, HEADER, "header")
    if not tasks:
        yield "there is no task (a heading like `### Task 1: ...`)"
    numbers = [number for number, _, _, _ in tasks]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"tasks are numbered {', '.join(map(str, numbers))}; count from 1 without a gap"
    for number, _, at, end in tasks:
        yield from task_faults(number, "\n".join(lines[at:end]))
    for at, line in enumerate(lines, start=1):
        if found := LEFT_OPEN.search(re.sub(r"`[^`]*`", "", line)):
            yield f"line {at}: {found[0]!r} leaves something open"
    yield from order_faults(tasks)


def task_faults(number, body):
    where = f"task {number}"
    yield from slot_faults(body, OF_A_TASK, where)
    if not re.search(r"\bfailing test\b", body, re.I):
        yield f"{where}: no step writes a failing test"
    runs, expected = len(re.findall(r"^\s*- \[.\]\s+\W*run\b", body, re.I | re.M)), len(re.findall(r"\bexpect(?:ed)?:", body, re.I))
    if runs == 0 or expected < runs:
        yield f"{where}: {runs} steps run something, {expected} say what to expect; each run needs its expected output"


def order_faults(tasks):
    first = next((at for at, (_, title, _, _) in enumerate(tasks) if MODEL.search(title) and not is_groundwork(title)), None)
    if first is None:
        return
    for name, pattern in BEFORE_A_MODEL:
        if not any(pattern.search(title) for _, title, _, _ in tasks[:first]):
            yield f"task {tasks[first][0]} works on a model, and no earlier task makes {name}"


def is_groundwork(title):
    return any(pattern.search(title) for _, pattern in BEFORE_A_MODEL)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("plan", nargs="+")
    bad = False
    for name in parser.parse_args().plan:
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
