#!/usr/bin/env python3
"""Finds the test file that leaves something behind. Python 3.10 or newer, standard library only.

    find_polluter.py --path .cache --run "python -m pytest -q {}" "tests/**/test_*.py"
    find_polluter.py --check "git diff --quiet" --run "npx mocha {}" test/a.test.js test/b.test.js

Runs the files one at a time, in order, and stops at the first after which a path of --path is there, or the command of
--check does not end with 0. What was left behind stays, so that it can be looked at. Exit codes: 1 found (its name is
the only line on standard output), 0 no file leaves it when run alone, 2 cannot tell (reason on standard error).

{} in --run stands for the file, {module} for its dotted name. Nothing is run through a shell.
  pytest    python -m pytest -q {}          unittest  python -m unittest {}
  mocha     npx mocha {}                    jest      npx jest --runTestsByPath {}
"""

import argparse
import glob
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

FOUND, NONE, CANNOT_TELL = 1, 0, 2
SHOWN_BYTES = 2_000


class CannotTell(Exception):
    """Why there is no answer, and what to do."""


def main(argv=None):
    arguments = parse(argv)
    try:
        polluter = find(arguments)
    except CannotTell as reason:
        say(f"Cannot tell: {reason}")
        return CANNOT_TELL
    except KeyboardInterrupt:
        say("Interrupted.")
        return 130
    if polluter is None:
        say("No file leaves it behind when it runs alone. It may take several of them, or a file that was not given.")
        return NONE
    print(polluter, flush=True)
    return FOUND


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--path", action="append", default=[], help="what must not appear; may be given several times")
    parser.add_argument("--check", help="a command that ends with 0 while all is clean")
    parser.add_argument("--run", required=True, help="the command that runs one test file, with {} for the file")
    parser.add_argument("--timeout", type=float, default=600, help="seconds that one run may take (default: 600)")
    parser.add_argument("files", nargs="*", help="test files, or quoted globs such as 'tests/**/test_*.py'")
    arguments = parser.parse_args(argv)
    if not arguments.path and arguments.check is None:
        parser.error("give --path or --check: what is left behind?")
    if "" in arguments.path:
        parser.error("--path is empty")
    if "{}" not in arguments.run and "{module}" not in arguments.run:
        parser.error("--run has no {} where the file goes")
    return arguments


def find(arguments):
    """The first file that pollutes, or None. Raises CannotTell."""
    files = expand(arguments.files)
    if not files:
        raise CannotTell("no test file was given." if not arguments.files else f"no file matches {' '.join(arguments.files)}.")
    traces = Traces(arguments.path, arguments.check, arguments.timeout)
    before = traces.seen()
    if before:
        raise CannotTell(f"{before} before the first test ran. Remove it, or restore the clean state, and start again.")
    failed, unfinished, output = 0, 0, ""
    for number, file in enumerate(files, start=1):
        say(f"[{number}/{len(files)}] {file}")
        code, output = run(command_for(arguments.run, file), arguments.timeout)
        failed += code != 0
        unfinished += code is None
        after = traces.seen()
        if after:
            say(f"{after} after {file}{'' if code == 0 else ' (its run did not end with 0)'}.")
            return file
    if failed == len(files):
        raise CannotTell(f"no run ended with 0, so the command may be wrong. The last one printed:\n{output}")
    if unfinished:
        raise CannotTell(f"{unfinished} of {len(files)} runs did not end within {arguments.timeout:g} s; raise --timeout.")
    if failed:
        say(f"{failed} of {len(files)} runs did not end with 0; what those would have left had they gone on is not known.")
    return None


def expand(patterns):
    """Files of the patterns in their order, each once. A name that exists is that file, also when it looks like a glob."""
    found = {}
    for pattern in patterns:
        matches = [pattern] if os.path.isfile(pattern) else sorted(glob.glob(pattern, recursive=True))
        for match in matches:
            if os.path.isfile(match):
                found.setdefault(os.path.normpath(match))
    return list(found)


class Traces:
    """What must not be there."""

    def __init__(self, paths, check, timeout):
        self.paths, self.check, self.timeout = paths, check and words(check), timeout

    def seen(self):
        """A sentence on what is there, or None."""
        for path in self.paths:
            # A link that leads nowhere is a trace as well.
            if os.path.lexists(path):
                return f"{path} is there"
        if self.check:
            code, output = run(self.check, self.timeout)
            if code is None:
                raise CannotTell(f"--check did not end within {self.timeout:g} s.")
            if code != 0:
                return f"the check ended with {code}{': ' + output.strip() if output.strip() else ''}"
        return None


def words(command):
    """The words of a command line. Windows keeps its backslashes, which are part of paths there."""
    if os.name != "nt":
        return shlex.split(command)
    return [word.strip("\"'") for word in shlex.split(command, posix=False)]


def command_for(template, file):
    module = ".".join(Path(file).with_suffix("").parts)
    # A name that begins with a dash would be read as an option.
    named = os.path.join(os.curdir, file) if file.startswith("-") else file
    # One pass over the words of the template, so that braces and blanks in a name stay what they are.
    return [named.join(part.replace("{module}", module) for part in word.split("{}")) for word in words(template)]


def run(command, timeout):
    """(exit code, end of the output); the code is None when the time was up. What was started then is ended with its children."""
    program = shutil.which(command[0]) if command else None
    if program is None:
        raise CannotTell(f"there is no program {command[0] if command else '(empty)'}.")
    # Into a file: a child that goes on in the background would keep a pipe open, and the search would wait for it.
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                [program, *command[1:]],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=os.name != "nt",
            )
        except OSError as error:
            raise CannotTell(f"{command[0]} did not start: {error}.") from error
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            end(process)
        size = output.seek(0, os.SEEK_END)
        output.seek(max(0, size - SHOWN_BYTES))
        return code, output.read().decode("utf-8", "replace")


def end(process):
    """Ends what still runs of a command, or the next file's state would be blamed on the wrong test."""
    if os.name == "nt":
        if process.poll() is None:
            subprocess.run(["taskkill", "/t", "/f", "/pid", str(process.pid)], capture_output=True, check=False)
    else:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass  # All of them have ended; macOS says "not permitted" for a group of zombies.
    process.wait()


def say(text):
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
