"""Reading the table and splitting it."""

import csv
import random
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data" / "churn.csv"
NUMBERS = ["tenure_months", "monthly_charge", "support_calls", "usage_hours", "late_payments"]


def load(path=DATA):
    """Rows as dictionaries, numbers parsed. Raises ValueError for a file without rows."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        raise ValueError(f"{path} has no rows")
    for row in rows:
        for name in NUMBERS:
            row[name] = float(row[name])
        row["churned"] = int(row["churned"])
    return rows


def split(rows, test_share=0.25, seed=0):
    """Two lists of rows, (train, test), reproducible for a seed."""
    shuffled = list(rows)
    random.Random(seed).shuffle(shuffled)
    cut = int(len(shuffled) * (1 - test_share))
    return shuffled[:cut], shuffled[cut:]
