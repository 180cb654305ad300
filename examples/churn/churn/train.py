"""python3 -m churn.train: fits the model and prints its metric on the held-out rows."""

import argparse
import json
from pathlib import Path

from churn.data import load, split
from churn.evaluate import roc_auc
from churn.features import Pipeline
from churn.model import NearestNeighbours


def run(rows, seed=0):
    """Metrics of one fit: a dictionary with auc, n_train, n_test and seed."""
    train, test = split(rows, seed=seed)
    pipeline = Pipeline().fit(train)
    model = NearestNeighbours().fit(pipeline.transform(train), [row["churned"] for row in train])
    scores = model.predict(pipeline.transform(test))
    return {"auc": round(roc_auc([row["churned"] for row in test], scores), 3), "n_train": len(train), "n_test": len(test), "seed": seed}


def new_folder(out, name):
    """Makes the first of name, name-2, name-3 ... that is free: a run never overwrites another one's record."""
    number = 1
    while True:
        folder = out / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(parents=True)
            return folder
        except FileExistsError:
            number += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs"))
    arguments = parser.parse_args()
    metrics = run(load(), arguments.seed)
    folder = new_folder(arguments.out, f"seed-{arguments.seed}")
    (folder / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    print(" ".join(f"{name}={value}" for name, value in metrics.items()))


if __name__ == "__main__":
    main()
