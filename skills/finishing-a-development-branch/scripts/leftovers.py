#!/usr/bin/env python3
"""Says what would be lost if this worktree or branch were removed. Changes nothing.

    leftovers.py [FOLDER] [--base REF]

`git worktree remove` deletes ignored files without a word, and checkpoints are ignored files. Prints JSON:
uncommitted changes, ignored files that no install brings back (links are safe), commits not on BASE, not pushed.
Exit code: 0 nothing would be lost, 1 something would, 2 it could not be told.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ARTEFACTS = frozenset(
    ".ckpt .pt .pth .safetensors .onnx .h5 .keras .gguf .pkl .pickle .joblib .npy .npz .parquet .arrow .feather"
    " .tfrecord .csv .tsv .jsonl .db .sqlite .bin".split()
)
REBUILT = frozenset(
    "node_modules __pycache__ .venv venv .conda .tox .nox .pytest_cache .mypy_cache .ruff_cache .ipynb_checkpoints".split()
)
MAX_LISTED = 50


class Unknown(Exception):
    pass


def git(folder, *words):
    outside = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")
    kept = {name: value for name, value in os.environ.items() if name not in outside}
    done = subprocess.run(["git", *words], cwd=folder, env=kept, capture_output=True)
    if done.returncode != 0:
        raise Unknown(os.fsdecode(done.stderr).strip() or f"git {words[0]} failed.")
    return os.fsdecode(done.stdout)


def parts(listed):
    return [each for each in listed.split("\0") if each != ""]


def leftovers(folder, base):
    top = Path(git(folder, "rev-parse", "--show-toplevel").rstrip("\r\n"))
    uncommitted = parts(git(top, "-c", "status.renames=false", "status", "--porcelain", "-z", "--untracked-files=all"))
    ignored = [
        name
        for name in parts(git(top, "ls-files", "-z", "--others", "--ignored", "--exclude-standard"))
        if not REBUILT.intersection(Path(name).parts) and not (top / name).is_symlink() and not is_own_ignore(top, name)
    ]
    artefacts = [name for name in ignored if Path(name).suffix.lower() in ARTEFACTS]
    return {
        "folder": str(top),
        "uncommitted": shortened(uncommitted),
        "artefacts": shortened([sized(top, name) for name in artefacts]),
        "other_ignored": shortened([name for name in ignored if name not in set(artefacts)]),
        "commits_not_on_base": None if base is None else commits(top, f"{base}..HEAD"),
        "commits_not_pushed": commits(top, "HEAD", "--not", "--remotes"),
    }


def is_own_ignore(top, name):
    """A .gitignore that only hides its own folder is not work."""
    path = top / name
    return path.name == ".gitignore" and path.read_bytes().strip() == b"*"


def sized(top, name):
    return f"{name} ({(top / name).stat().st_size} bytes)"


def shortened(names):
    return {"count": len(names), "first": sorted(names)[:MAX_LISTED]}


def commits(top, *span):
    return int(git(top, "rev-list", "--count", *span, "--"))


def is_lost(found):
    listed = any(found[key]["count"] > 0 for key in ("uncommitted", "artefacts", "other_ignored"))
    # Commits that are neither on the base nor on a remote live in this branch alone.
    return listed or (found["commits_not_on_base"] != 0 and found["commits_not_pushed"] > 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default=".")
    parser.add_argument("--base", help="the branch it was made from")
    options = parser.parse_args()
    try:
        if options.base is not None:
            git(options.folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{options.base}^{{commit}}")
        found = leftovers(options.folder, options.base)
    except (Unknown, OSError) as error:
        print(str(error) or "It could not be told.", file=sys.stderr)
        sys.exit(2)
    print(json.dumps(found, indent=2))
    sys.exit(1 if is_lost(found) else 0)


if __name__ == "__main__":
    main()
