#!/usr/bin/env python3
"""Makes a git worktree for isolated work, or says why none is needed.

    worktree.py status
    worktree.py create BRANCH [--base REF | --existing] [--folder DIR] [--link PATH]... [--venv]

--link shares data or checkpoints of the main checkout by a link; they are never copied.
Nothing is committed and no tracked file is changed. Prints JSON.
Exit code: 0 done, 1 refused (the reason is on stderr), 2 wrong usage.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import venv
from pathlib import Path

FOLDERS = (".worktrees", "worktrees")
MAX_LINKED_ENTRIES = 1_000
# What to run in the new checkout, by the file that asks for it; the first of a language wins.
SETUP = (
    ("python", "uv.lock", "uv sync"),
    ("python", "poetry.lock", "poetry install"),
    ("python", "environment.yml", "conda env create --prefix ./.conda --file environment.yml"),
    ("python", "requirements.txt", "python -m pip install -r requirements.txt"),
    ("python", "pyproject.toml", "python -m pip install -e ."),
    ("node", "package-lock.json", "npm ci"),
    ("node", "pnpm-lock.yaml", "pnpm install --frozen-lockfile"),
    ("node", "yarn.lock", "yarn install --immutable"),
    ("node", "package.json", "npm install"),
    ("rust", "Cargo.toml", "cargo fetch"),
    ("go", "go.mod", "go mod download"),
)


class Refused(Exception):
    pass


def environment():
    # Inside a hook git sets these, and they would outweigh the folder we ask about.
    return {name: value for name, value in os.environ.items() if name not in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")}


def try_git(folder, *words):
    done = subprocess.run(["git", *words], cwd=folder, env=environment(), capture_output=True)
    return done.returncode, os.fsdecode(done.stdout).rstrip("\r\n"), os.fsdecode(done.stderr).strip()


def git(folder, *words):
    code, out, err = try_git(folder, *words)
    if code != 0:
        raise Refused(err or f"git {words[0]} ended with exit code {code}.")
    return out


def state_of(folder):
    top = git(folder, "rev-parse", "--show-toplevel")
    own = os.path.realpath(git(folder, "rev-parse", "--absolute-git-dir"))
    common = os.path.realpath(git(folder, "rev-parse", "--path-format=absolute", "--git-common-dir"))
    superproject = git(folder, "rev-parse", "--show-superproject-working-tree")
    code, branch, _ = try_git(folder, "symbolic-ref", "--quiet", "--short", "HEAD")
    changed = git(folder, "-c", "status.renames=false", "status", "--porcelain", "-z").split("\0")
    return {
        "top": top,
        "isolated": own != common and superproject == "",
        "submodule_of": superproject or None,
        "branch": branch if code == 0 else None,
        "has_commits": try_git(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")[0] == 0,
        "uncommitted": sum(1 for each in changed if each != ""),
    }


def create(folder, options):
    state = state_of(folder)
    if state["isolated"]:
        where = f"on branch {state['branch']}" if state["branch"] else "with a detached HEAD"
        raise Refused(f"{state['top']} is a worktree already, {where}. Work in it.")
    top = Path(state["top"])
    base = None if options.existing else commit_of(top, options.base, state["has_commits"])
    check_branch(top, options.branch, options.existing)
    sources = [linkable(top, each) for each in options.link]
    path = place_for(top, options.folder) / re.sub(r"[^A-Za-z0-9._-]+", "-", options.branch).strip(".-")
    if os.path.lexists(path):
        raise Refused(f"{path} is there already. Choose another branch name or folder.")
    words = [str(path), options.branch] if options.existing else ["--no-track", "-b", options.branch, str(path), base]
    git(top, "worktree", "add", "--quiet", *words)
    problems = []
    links = [link for source in sources if (link := share(top, path, source, problems))]
    return {
        "path": str(path),
        "branch": options.branch,
        "base": git(path, "rev-parse", "HEAD"),
        "links": links,
        "venv": make_venv(path, problems) if options.venv else None,
        "setup": setup_for(path),
        "uncommitted_left_behind": state["uncommitted"],
        "problems": problems,
    }


def commit_of(top, ref, has_commits):
    if ref is None and not has_commits:
        raise Refused("This repository has no commit yet, so there is nothing to branch from. Make a first commit.")
    code, commit, _ = try_git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref or 'HEAD'}^{{commit}}")
    if code != 0:
        raise Refused(f"There is no commit {ref}. Fetch it, or name another base.")
    return commit


def check_branch(top, branch, existing):
    if branch.startswith("-") or try_git(top, "check-ref-format", "--branch", branch)[0] != 0:
        raise Refused(f"{branch!r} is no name for a branch.")
    there = try_git(top, "show-ref", "--verify", "--quiet", f"refs/heads/{branch}")[0] == 0
    if there and not existing:
        raise Refused(f"The branch {branch} exists. Pass --existing to check it out, or choose another name.")
    if existing and not there:
        raise Refused(f"There is no branch {branch}. Leave --existing out to create it.")


def place_for(top, chosen):
    """The folder that holds worktrees: the chosen one, else one that is there, else the first. Ignored if inside."""
    there = next((name for name in FOLDERS if (top / name).is_dir()), FOLDERS[0])
    place = Path(os.path.abspath(top / (chosen or there)))
    if place == top:
        raise Refused("The repository's own top folder cannot hold its worktrees.")
    if not place.is_relative_to(top):
        place.mkdir(parents=True, exist_ok=True)
        return place
    if not is_ignored(top, place / "probe"):
        if git(top, "ls-files", "--", f":(literal){place.relative_to(top).as_posix()}") != "":
            raise Refused(f"{place} holds tracked files. Choose another folder.")
        place.mkdir(parents=True, exist_ok=True)
        # A folder that ignores itself needs no change to the project's own .gitignore, hence no commit.
        if not (place / ".gitignore").exists():
            (place / ".gitignore").write_text("*\n", encoding="utf-8")
        if not is_ignored(top, place / "probe"):
            raise Refused(f"git does not ignore {place}. Add it to .gitignore first.")
    place.mkdir(parents=True, exist_ok=True)
    return place


def is_ignored(top, path):
    return try_git(top, "check-ignore", "--quiet", "--", str(path))[0] == 0


def linkable(top, name):
    source = Path(os.path.abspath(top / name))
    if source == top or not source.is_relative_to(top):
        raise Refused(f"{name} is not inside {top}. Only what lies in the checkout can be linked.")
    if not source.exists():
        raise Refused(f"There is no {name} in {top}.")
    if git(top, "ls-files", "--", f":(literal){source.relative_to(top).as_posix()}") != "":
        raise Refused(f"{name} holds tracked files: the new worktree gets its own copy of them, a link would hide it.")
    return source


def share(top, path, source, problems):
    name = source.relative_to(top)
    target = path / name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(source, target_is_directory=source.is_dir())
        if is_ignored(path, target) or not source.is_dir():
            note_visible(path, target, problems)
            return name.as_posix()
        # A pattern like `data/` matches folders only, not a link of that name: so a folder, with links in it.
        target.unlink()
        entries = sorted(source.iterdir())
        if len(entries) > MAX_LINKED_ENTRIES:
            problems.append(f"{name} has {len(entries)} entries and git would see a link to it: not linked.")
            return None
        target.mkdir()
        for entry in entries:
            (target / entry.name).symlink_to(entry, target_is_directory=entry.is_dir())
        note_visible(path, target, problems)
        return f"{name.as_posix()}/*"
    except OSError as error:
        problems.append(f"{name} could not be linked ({error.strerror or error}). Pass its path by configuration instead.")
        return None


def note_visible(path, target, problems):
    probe = target if target.is_symlink() else next(target.iterdir(), target)
    if not is_ignored(path, probe):
        problems.append(f"git does not ignore {target.relative_to(path)}: never add it to a commit.")


def make_venv(path, problems):
    folder = path / ".venv"
    try:
        venv.create(folder, with_pip=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        problems.append(f"No virtual environment could be made ({error}). Install the venv package of this Python.")
        return None
    return str(folder)


def setup_for(path):
    found = {}
    for language, name, command in SETUP:
        if (path / name).exists():
            found.setdefault(language, command)
    return list(found.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("status")
    making = commands.add_parser("create")
    making.add_argument("branch")
    start = making.add_mutually_exclusive_group()
    start.add_argument("--base")
    start.add_argument("--existing", action="store_true")
    making.add_argument("--folder")
    making.add_argument("--link", action="append", default=[])
    making.add_argument("--venv", action="store_true")
    options = parser.parse_args()
    try:
        done = state_of(os.getcwd()) if options.command == "status" else create(os.getcwd(), options)
    except FileNotFoundError:
        sys.exit("git was not found. Install it, or work in place.")
    except Refused as refused:
        sys.exit(str(refused))
    print(json.dumps(done, indent=2))


if __name__ == "__main__":
    main()
