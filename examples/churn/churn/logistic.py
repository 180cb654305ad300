"""python3 -m churn.logistic: logistic regression by gradient descent, saved after each epoch, resumable."""

import argparse
import json
import math
import os
from pathlib import Path

from churn.data import load, split
from churn.evaluate import roc_auc
from churn.features import Pipeline
from churn.train import new_folder


def scores(weights, features):
    """Probability of churn for each row; the last weight is the bias."""
    *slopes, bias = weights
    return [1 / (1 + math.exp(-(sum(w * x for w, x in zip(slopes, row)) + bias))) for row in features]


def step(weights, features, labels, rate):
    """One pass over all rows: the weights after it, and the mean loss before it."""
    found = scores(weights, features)
    loss = -sum(math.log(max(1e-12, p if label else 1 - p)) for p, label in zip(found, labels)) / len(labels)
    errors = [p - label for p, label in zip(found, labels)]
    columns = list(zip(*features)) + [[1.0] * len(labels)]
    slopes = [sum(error * x for error, x in zip(errors, column)) / len(labels) for column in columns]
    return [w - rate * slope for w, slope in zip(weights, slopes)], loss


def save(folder, state):
    """Beside its place first and then into it, so that a run that is stopped leaves a whole checkpoint."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / "last.json.part"
    part.write_text(json.dumps(state) + "\n", encoding="utf-8")
    os.replace(part, folder / "last.json")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument("--rate", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="this very folder; without it a new one in runs/")
    parser.add_argument("--resume", type=Path, help="a checkpoint to go on from")
    arguments = parser.parse_args()
    train, test = split(load(), seed=arguments.seed)
    pipeline = Pipeline().fit(train)
    features, held_out = pipeline.transform(train), pipeline.transform(test)
    labels, held_out_labels = [row["churned"] for row in train], [row["churned"] for row in test]
    state = {"epoch": 0, "weights": [0.0] * (len(features[0]) + 1)}
    if arguments.resume:
        state = json.loads(arguments.resume.read_text(encoding="utf-8"))
    out = arguments.out or new_folder(Path("runs"), f"logistic-{arguments.seed}")
    for epoch in range(state["epoch"] + 1, arguments.epochs + 1):
        weights, loss = step(state["weights"], features, labels, arguments.rate)
        state = {"epoch": epoch, "weights": weights}
        save(out / "checkpoints", state)
        auc = roc_auc(held_out_labels, scores(weights, held_out))
        print(f"epoch={epoch} loss={loss:.4f} val_auc={auc:.4f}", flush=True)


if __name__ == "__main__":
    main()
