"""Writes churn.csv beside this file: 1,200 customers, one row for each month they were observed. Seeded."""

import csv
import math
import random
from pathlib import Path

CUSTOMERS = 1200
SEED = 7
FIELDS = ["customer_id", "month", "tenure_months", "plan", "monthly_charge", "support_calls", "usage_hours", "late_payments", "churned"]


def sigmoid(value):
    return 1 / (1 + math.exp(-value))


def rows(rng):
    for number in range(CUSTOMERS):
        plan = rng.choices(["basic", "plus", "pro"], weights=[5, 3, 2])[0]
        price = {"basic": 19.0, "plus": 39.0, "pro": 79.0}[plan]
        # A habit that no column holds: rows of one customer resemble each other more than the columns explain.
        habit = rng.gauss(0, 0.6)
        usage = max(1.0, rng.gauss(40, 9))
        tenure = rng.randint(1, 60)
        discount = rng.uniform(0.8, 1.2)
        calls = max(0, round(rng.gauss(1, 1)))
        late = max(0, round(rng.gauss(0.4, 0.7)))
        leaves = rng.random() < sigmoid(-3.2 - 0.03 * tenure - 0.08 * (usage - 40) + 0.9 * calls + 0.6 * late + habit)
        for month in range(1, rng.randint(2, 5) + 1):
            yield {
                "customer_id": f"c{number:04d}",
                "month": month,
                "tenure_months": tenure + month,
                "plan": plan,
                "monthly_charge": round(price * discount, 2),
                "support_calls": max(0, calls + rng.choice([0, 0, 0, 0, 1])),
                "usage_hours": round(usage + rng.gauss(0, 0.8), 1),
                "late_payments": late,
                "churned": int(leaves),
            }


def main():
    path = Path(__file__).with_name("churn.csv")
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows(random.Random(SEED)))
    print(f"wrote {path.name}")


if __name__ == "__main__":
    main()
