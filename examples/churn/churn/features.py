"""The feature pipeline: fitted on training rows, applied to any."""

from churn.data import NUMBERS

PLANS = ["basic", "plus", "pro"]


class Pipeline:
    """Standardises the numbers and one-hot encodes the plan. `fit` sees training rows only."""

    def fit(self, rows):
        self.stats = {}
        for name in NUMBERS:
            values = [row[name] for row in rows]
            mean = sum(values) / len(values)
            spread = (sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5
            self.stats[name] = (mean, spread or 1.0)
        return self

    def transform(self, rows):
        """One list of numbers a row: the standardised numbers, then one column a plan."""
        return [
            [(row[name] - self.stats[name][0]) / self.stats[name][1] for name in NUMBERS]
            + [float(row["plan"] == plan) for plan in PLANS]
            for row in rows
        ]
