#!/usr/bin/env python3
"""The files that a plan's controller, implementers and reviewers hand to each other.

    sdd.py start PLAN                           make the plan's work folder and its ledger, or find them again
    sdd.py log PLAN TEXT                        add a line to the ledger
    sdd.py brief PLAN N                         cut task N, with the plan's global constraints, into a file
    sdd.py package PLAN NAME BASE [HEAD]        log, stat and diff of BASE..HEAD in a file; BASE may be `root`

Run it in the working tree that is worked in: all lies in its .sdd/<plan>/, which ignores itself. Nothing is committed. Prints JSON.
Exit code: 0 done, 1 refused (the reason is on stderr), 2 wrong usage.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

CONTEXT_LINES = 10
# A notebook with its outputs or a lock file would fill the reviewer's context and hide the rest.
MAX_FILE_LINES = 3_000
HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
TASK = re.compile(r"^Task[ \t]+(\d+(?:\.\d+)*)\b", re.IGNORECASE)
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$")


class Refused(Exception):
    pass


def run_git(folder, *words, given=None):
    outside = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")
    kept = {name: value for name, value in os.environ.items() if name not in outside}
    return subprocess.run(["git", "-c", "core.quotePath=false", *words], cwd=folder, env=kept, capture_output=True, input=given)


def git(folder, *words, given=None):
    done = run_git(folder, *words, given=given)
    if done.returncode != 0:
        raise Refused(os.fsdecode(done.stderr).strip() or f"git {words[0]} ended with exit code {done.returncode}.")
    return os.fsdecode(done.stdout)


def read_plan(plan):
    try:
        return Path(plan).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"The plan {plan} cannot be read: {error}.") from error


def work_folder(plan):
    """The plan's folder in the tree we stand in; the plan may lie in another. Two plans of one name get two folders."""
    top = Path(git(os.getcwd(), "rev-parse", "--show-toplevel").rstrip("\r\n")).resolve()
    path = Path(plan).resolve()
    shown = path.relative_to(top).as_posix() if path.is_relative_to(top) else path.as_posix()
    stem = re.sub(r"[^\w.-]+", "-", path.stem).strip("-.") or "plan"
    folder = top / ".sdd" / f"{stem}-{hashlib.sha256(os.fsencode(shown)).hexdigest()[:6]}"
    if (top / ".sdd").is_symlink():
        raise Refused(f"{top / '.sdd'} is a link. It must be a folder of this working tree.")
    folder.mkdir(parents=True, exist_ok=True)
    ignore = top / ".sdd" / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    return top, folder, shown


def start(options):
    text = read_plan(options.plan)
    top, folder, shown = work_folder(options.plan)
    ledger = folder / "ledger.md"
    found = ledger.exists()
    if not found:
        ledger.write_text(f"# Ledger of {shown}\n", encoding="utf-8")
    tasks = [f"{number}: {title}" for number, title, _, _ in tasks_in(text.splitlines())]
    head = run_git(top, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    return {
        "folder": str(folder),
        "ledger": str(ledger),
        "resumed": found,
        "ledger_text": ledger.read_text(encoding="utf-8"),
        "tasks": tasks,
        "head": os.fsdecode(head.stdout).strip() or None,
    }


def log(options):
    read_plan(options.plan)
    _, folder, shown = work_folder(options.plan)
    ledger = folder / "ledger.md"
    if not ledger.exists():
        raise Refused(f"There is no ledger of {shown} yet. Run: sdd.py start {options.plan}")
    line = f"- {datetime.now(timezone.utc):%Y-%m-%d %H:%M} {' '.join(options.text.split())}"
    with ledger.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    return {"ledger": str(ledger), "line": line}


def headings_in(lines):
    """(line number, level, title) of each heading; what stands in a code fence is no heading."""
    fence = None
    for at, line in enumerate(lines):
        mark = FENCE.match(line)
        if fence:
            # A fence ends with its own kind, at least as long, and nothing after it.
            if mark and mark[1][0] == fence[0] and len(mark[1]) >= len(fence) and mark[2].strip() == "":
                fence = None
        elif mark:
            fence = mark[1]
        elif heading := HEADING.match(line):
            yield at, len(heading[1]), heading[2]


def sections_in(lines, wanted):
    headings = list(headings_in(lines))
    for index, (at, level, title) in enumerate(headings):
        if wanted(title):
            end = next((next_at for next_at, next_level, _ in headings[index + 1 :] if next_level <= level), len(lines))
            yield title, at, end


def tasks_in(lines):
    for title, at, end in sections_in(lines, TASK.match):
        yield TASK.match(title)[1], title, at, end


def brief(options):
    lines = read_plan(options.plan).splitlines()
    tasks = list(tasks_in(lines))
    found = [task for task in tasks if task[0] == options.task]
    if len(found) != 1:
        named = "; ".join(title for _, title, _, _ in tasks) or "none (a task begins with a heading like `### Task 1: ...`)"
        raise Refused(f"{len(found) or 'No'} tasks are numbered {options.task}. Tasks of the plan: {named}.")
    [(_, _, at, end)] = found
    common = next(sections_in(lines, lambda title: "constraints" in title.lower()), None)
    parts = [] if common is None or common[1] >= at else [lines[common[1] : common[2]]]
    _, folder, _ = work_folder(options.plan)
    path = folder / f"task-{options.task}-brief.md"
    text = "\n\n".join("\n".join(part).strip() for part in [*parts, lines[at:end]])
    path.write_text(f"{text}\n", encoding="utf-8")
    return {"brief": str(path), "report": str(folder / f"task-{options.task}-report.md"), "lines": text.count("\n") + 1}


def package(options):
    read_plan(options.plan)
    top, folder, _ = work_folder(options.plan)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", options.name):
        raise Refused(f"{options.name!r} is no name for a file: letters, digits, dot, dash and underscore.")
    is_root = options.base == "root"
    base = git(top, "hash-object", "-t", "tree", "--stdin", given=b"").strip() if is_root else commit_of(top, options.base)
    head = commit_of(top, options.head)
    if not is_root and run_git(top, "merge-base", "--is-ancestor", base, head).returncode != 0:
        raise Refused(f"{options.base} is not an ancestor of {options.head}: the diff would show work of others as undone.")
    span = [head] if is_root else [f"{base}..{head}"]
    commits = git(top, "log", "--no-color", "--format=%h %s", *span, "--")
    if commits == "":
        raise Refused(f"There is no commit between {options.base} and {options.head}: nothing to review.")
    large = too_large(top, base, head)
    path = folder / f"{options.name}-review.md"
    path.write_text(review_text(top, base, head, commits, large), encoding="utf-8", errors="surrogateescape")
    left = git(top, "-c", "status.renames=false", "status", "--porcelain", "-z").count("\0")
    return {
        "package": str(path),
        "base": base,
        "head": head,
        "commits": commits.count("\n"),
        "bytes": path.stat().st_size,
        "left_out": large,
        "uncommitted": left,
    }


def commit_of(top, ref):
    done = run_git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if done.returncode != 0:
        raise Refused(f"There is no commit {ref}.")
    return os.fsdecode(done.stdout).strip()


def too_large(top, base, head):
    rows = git(top, "diff", "--no-ext-diff", "--no-renames", "--numstat", "-z", base, head, "--").split("\0")
    counted = [row.split("\t", 2) for row in rows if row != ""]
    return [name for added, gone, name in counted if added != "-" and int(added) + int(gone) > MAX_FILE_LINES]


def review_text(top, base, head, commits, large):
    plain = ["diff", "--no-color", "--no-ext-diff", "--no-textconv"]
    excluded = [f":(top,exclude,literal){name}" for name in large]
    stat = git(top, *plain, "--stat=200", base, head, "--")
    diff = git(top, *plain, f"--unified={CONTEXT_LINES}", base, head, "--", ":(top)", *excluded)
    notes = [f"Left out, over {MAX_FILE_LINES} changed lines: {name}\n" for name in large]
    return "".join(
        [f"# Review of {base[:12]}..{head[:12]}\n\n## Commits\n\n{commits}\n## Files\n\n{stat}\n", *notes, f"\n## Diff\n\n{diff}"]
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for command, words in (("start", ()), ("log", ("text",)), ("brief", ("task",)), ("package", ("name", "base"))):
        one = commands.add_parser(command)
        for word in ("plan", *words):
            one.add_argument(word)
        if command == "package":
            one.add_argument("head", nargs="?", default="HEAD")
    options = parser.parse_args()
    try:
        done = {"start": start, "log": log, "brief": brief, "package": package}[options.command](options)
    except FileNotFoundError:
        sys.exit("git was not found. It is needed for all of this.")
    except Refused as refused:
        sys.exit(str(refused))
    print(json.dumps(done, indent=2))


if __name__ == "__main__":
    main()
