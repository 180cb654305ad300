"""Four layers round one bad value: rows of known customers that reach the evaluation. Python 3.10 or newer, no packages.

What happened once: a backfill joined the training table with itself, so customers of the training part came back in the
test part. The score was 0.99, and the run wrote over the model of the month before. The join was repaired. These layers
are what would have spoken, each by itself; test_four_layers.py goes round them one by one.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

COLUMNS = {"customer_id": str, "calls": (int, float), "churned": int}


class BadTable(ValueError):
    """Layer 1: this is no table of ours."""


class BadSplit(ValueError):
    """Layer 2: a table, but not one to evaluate on."""


class NotHere(PermissionError):
    """Layer 3: it may not be done in this place."""


def check_table(rows, name):
    """Layer 1, the entry. Knows columns and types, and nothing of models."""
    if not rows:
        raise BadTable(f"{name} has no rows: is the export finished?")
    for number, row in enumerate(rows, start=1):
        for column, kind in COLUMNS.items():
            value = row.get(column)
            # `True` is an int in Python, and NaN is the number that differs from itself.
            if not isinstance(value, kind) or isinstance(value, bool) or value != value or value == "":
                raise BadTable(f"{name}, row {number}: {column} is {value!r}; wanted {_names(kind)}")
    return rows


def check_split(train, test):
    """Layer 2, the rule. Knows what an honest evaluation needs."""
    shared = sorted({row["customer_id"] for row in train} & {row["customer_id"] for row in test})
    if shared:
        example = ", ".join(shared[:3])
        raise BadSplit(f"{len(shared)} customers are in train and in test, for example {example}: split by customer_id")
    for name, rows in (("train", train), ("test", test)):
        classes = {row["churned"] for row in rows}
        if classes != {0, 1}:
            raise BadSplit(f"{name} holds the classes {sorted(classes)} only; a score needs both, 0 and 1")


class Model:
    """Remembers whom it has seen, so that it can refuse by itself: layer 3 stands with the model, not with its caller."""

    def fit(self, rows):
        self.trained_on = frozenset(row["customer_id"] for row in rows)
        sums = {label: [row["calls"] for row in rows if row["churned"] == label] for label in (0, 1)}
        self.border = sum(sum(calls) / len(calls) for calls in sums.values()) / 2
        return self

    def score(self, rows):
        """Share of rows that are right. Layer 3, the surroundings: not on customers it was trained on."""
        known = self.trained_on & {row["customer_id"] for row in rows}
        if known:
            raise NotHere(f"{len(known)} customers of this evaluation were in the training, for example {min(known)}")
        return sum((row["calls"] > self.border) == bool(row["churned"]) for row in rows) / len(rows)


def new_artefact(folder, allowed):
    """Layer 3 once more: a run writes below the folder it was given, and never over what is there."""
    folder, allowed = Path(folder).resolve(), Path(allowed).resolve()
    if folder == allowed or not folder.is_relative_to(allowed):
        raise NotHere(f"{folder} is not below {allowed}, where this run may write")
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise NotHere(f"{folder} is there already; a run never writes over another one's: choose a new name") from None
    return folder


def trace(step, **facts):
    """Layer 4, the trace. Refuses nothing; written before the risky step, since after a crash nobody writes."""
    print(json.dumps({"step": step, **facts}), file=sys.stderr, flush=True)


def run(train, test, folder, allowed):
    """Trains, scores and writes one model. Everything is checked before anything is written."""
    check_table(train, "train")
    check_table(test, "test")
    check_split(train, test)
    trace("fit", rows=len(train), customers=len({row["customer_id"] for row in train}), process=os.getpid())
    model = Model().fit(train)
    trace("score", rows=len(test), customers=len({row["customer_id"] for row in test}))
    score = model.score(test)
    trace("write", folder=str(folder))
    target = new_artefact(folder, allowed)
    (target / "model.json").write_text(json.dumps({"border": model.border, "score": score}), encoding="utf-8")
    return score


def _names(kind):
    return " or ".join(one.__name__ for one in (kind if isinstance(kind, tuple) else (kind,)))


if __name__ == "__main__":
    train = [{"customer_id": f"c{n}", "calls": n % 8, "churned": int(n % 8 > 3)} for n in range(40)]
    test = [{**row, "customer_id": f"new-{row['customer_id']}"} for row in train[:8]]
    with tempfile.TemporaryDirectory() as runs:
        print(f"score={run(train, test, Path(runs, 'first'), runs)}")
