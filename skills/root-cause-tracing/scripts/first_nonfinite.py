#!/usr/bin/env python3
"""Finds the first value that is NaN or infinite. Python 3.10 or newer, standard library only; arrays and tensors if you have them.

    python first_nonfinite.py data/train.csv        # also .tsv, .jsonl, .json; exit code 1 when there is one

    trace = Trace()
    trace("after join", rows); trace("scaled", x); trace("logits", logits)     # raises at the first bad border

    with watch_modules(model):      # torch: the first module with finite input and an output that is not
        model(batch)
"""

import argparse
import csv
import json
import math
import sys
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import is_dataclass


class NonFinite(ArithmeticError):
    """Where the first value is that is not finite."""


def first_nonfinite(value):
    """(place, value) of the first number that is not finite, or None. The place reads like `.rows[3]["amount"]`."""
    if isinstance(value, bool) or value is None or isinstance(value, (str, bytes)):
        return None
    if isinstance(value, (int, float, complex)):
        return None if _finite(value) else ("", value)
    if hasattr(value, "tolist") and not isinstance(value, type):
        # Arrays and tensors: their own reduction first, since looking at each number in Python is slow.
        return None if _all_finite(value) else first_nonfinite(_as_list(value))
    if isinstance(value, Mapping):
        pairs = ((f"[{json.dumps(key) if isinstance(key, str) else repr(key)}]", item) for key, item in value.items())
    elif isinstance(value, Sequence):
        pairs = ((f"[{index}]", item) for index, item in enumerate(value))
    elif is_dataclass(value) and not isinstance(value, type):
        pairs = ((f".{name}", item) for name, item in vars(value).items())
    else:
        return None
    for place, item in pairs:
        found = first_nonfinite(item)
        if found:
            return place + found[0], found[1]
    return None


class Trace:
    """Call it at each border with a name and what passes there: it raises at the first that is not finite."""

    def __init__(self):
        self.passed = []

    def __call__(self, name, value):
        found = first_nonfinite(value)
        if found:
            before = f"; the last good border was {self.passed[-1]}" if self.passed else ""
            raise NonFinite(f"{name}{found[0]} is {found[1]}{before}")
        self.passed.append(name)
        return value


@contextmanager
def watch_modules(model):
    """Raises in the first module whose output is not finite, and says if its input or its parameters were so already."""
    hooks = []

    def watch(name, module):
        def hook(_module, inputs, output):
            bad = first_nonfinite(output)
            if not bad:
                return
            fed = first_nonfinite(inputs)
            own = first_nonfinite({key: tensor for key, tensor in module.named_parameters(recurse=False)})
            why = f"its input was so already at {fed[0]}" if fed else f"its parameter {own[0]} is so" if own else "its input and parameters were finite"
            raise NonFinite(f"the output of {name or 'the model'} ({type(module).__name__}) is {bad[1]} at {bad[0] or '()'}; {why}")

        hooks.append(module.register_forward_hook(hook))

    try:
        for name, module in model.named_modules():
            watch(name, module)
        yield model
    finally:
        for handle in hooks:
            handle.remove()


def _finite(number):
    if isinstance(number, complex):
        return math.isfinite(number.real) and math.isfinite(number.imag)
    return isinstance(number, int) or math.isfinite(number)


def _all_finite(array):
    """False when in doubt. `x - x` is 0 for a finite number and NaN for any other, in numpy, torch and jax alike."""
    try:
        return bool((array - array == 0).all())
    except Exception:  # Strings, objects, empty shapes: the slow way decides.
        return False


def _as_list(array):
    for step in ("detach", "cpu"):
        array = getattr(array, step)() if hasattr(array, step) else array
    return array.tolist()


NOT_FINITE_WORDS = {"nan", "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"}


def in_file(path):
    """A sentence on the first value of a file that is not finite, or None. Rows are counted from 1, the header not among them."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        if path.endswith((".jsonl", ".ndjson")):
            for number, line in enumerate(file, start=1):
                found = first_nonfinite(json.loads(line)) if line.strip() else None
                if found:
                    return f"{path}: line {number}, {found[0]} is {found[1]}"
            return None
        if path.endswith(".json"):
            found = first_nonfinite(json.load(file))
            return f"{path}: {found[0]} is {found[1]}" if found else None
        rows = csv.reader(file, delimiter="\t" if path.endswith(".tsv") else ",")
        header = next(rows, [])
        for number, row in enumerate(rows, start=1):
            for index, cell in enumerate(row):
                if _cell_is_bad(cell):
                    column = header[index] if index < len(header) else f"number {index + 1}"
                    return f"{path}: row {number} (line {rows.line_num}), column {column} is {cell.strip()}"
    return None


def _cell_is_bad(cell):
    word = cell.strip().lower()
    if word in NOT_FINITE_WORDS:
        return True
    try:
        return not math.isfinite(float(word))  # 1e999
    except ValueError:
        return False


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", help="files with comma- or tab-separated values, JSON or JSON lines")
    found = False
    for path in parser.parse_args(argv).files:
        try:
            sentence = in_file(path)
        except (OSError, ValueError, csv.Error) as error:
            print(f"{path} cannot be read: {error}", file=sys.stderr)
            return 2
        if sentence:
            found = True
            print(sentence)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
