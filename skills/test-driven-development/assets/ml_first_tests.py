"""First tests for a model. Python 3.10 or newer, unittest alone.

Copy this file into the tests of a project, replace what stands under YOUR CODE by calls of it, and run it:

    python -m unittest test_first_model.py

As it stands it tests a toy model, so that you can see it green before you see it red on your own code. Keep the rows
few: all of this should take seconds. Break your code on purpose once for each test, and see that very test fail.
"""

import json
import math
import random
import tempfile
import unittest
from pathlib import Path


# ---------------------------------------------------------------------------------------------- YOUR CODE
class Subject:
    """How the tests reach your code. A row may be anything; predictions and labels are lists of numbers, one a row."""

    # The metric on cases worked by hand: (labels, predictions, expected). Show the sum in a comment, do not paste output.
    # Pairs (positive, negative): 0.9>0.8, 0.9>0.1, 0.4<0.8, 0.4>0.1: three of four.
    HAND_CASES = [([1, 0, 1, 0], [0.9, 0.8, 0.4, 0.1], 0.75), ([1, 0], [0.5, 0.5], 0.5)]
    # What the metric must reach on a small batch that was learned by heart, and how large that batch is.
    LEARNED, BATCH = 0.99, 8

    def load(self):
        """A few dozen to a few hundred rows that look like the real ones."""
        draw = random.Random(7)
        rows = []
        for customer in range(40):
            calls = draw.randrange(8)
            label = int(calls > 3)
            rows += [{"customer": customer, "calls": calls + month / 10, "label": label} for month in range(3)]
        return rows

    def split(self, rows, seed):
        """(train, test)"""
        customers = sorted({row["customer"] for row in rows})
        random.Random(seed).shuffle(customers)
        test = set(customers[: len(customers) // 4])
        return [row for row in rows if row["customer"] not in test], [row for row in rows if row["customer"] in test]

    def unit(self, row):
        """What must never lie in two parts: the customer, patient, document or day that production will not have seen."""
        return row["customer"]

    def label(self, row):
        return row["label"]

    def fit(self, rows, seed):
        """A trained model, with all preprocessing that belongs to it."""
        weight, bias, draw = random.Random(seed).gauss(0, 0.1), 0.0, random.Random(seed)
        for _ in range(60):
            for row in draw.sample(rows, len(rows)):
                error = row["label"] - _sigmoid(weight * row["calls"] + bias)
                weight, bias = weight + 0.1 * error * row["calls"], bias + 0.1 * error
        return {"weight": weight, "bias": bias}

    def predict(self, model, rows):
        return [_sigmoid(model["weight"] * row["calls"] + model["bias"]) for row in rows]

    def metric(self, labels, predictions):
        pairs = [(a, b) for a, x in zip(predictions, labels) if x for b, y in zip(predictions, labels) if not y]
        return sum(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs) / len(pairs)

    def save(self, model, folder):
        (folder / "model.json").write_text(json.dumps(model), encoding="utf-8")

    def restore(self, folder):
        return json.loads((folder / "model.json").read_text(encoding="utf-8"))


def _sigmoid(x):
    return 1 / (1 + math.exp(-x)) if x > 0 else math.exp(x) / (1 + math.exp(x))


# ---------------------------------------------------------------------------------------------- THE TESTS
class FirstTests(unittest.TestCase):
    subject = Subject()
    seed = 0

    def setUp(self):
        self.rows = self.subject.load()
        self.assertGreater(len(self.rows), self.subject.BATCH, "too few rows to test with")
        self.train, self.test = self.subject.split(self.rows, self.seed)

    def test_the_split_keeps_each_row_in_exactly_one_part(self):
        key = lambda row: repr(row)
        self.assertTrue(self.train and self.test, "one part is empty")
        self.assertEqual(sorted(map(key, [*self.train, *self.test])), sorted(map(key, self.rows)))

    def test_no_id_lies_in_two_parts(self):
        shared = {self.subject.unit(row) for row in self.train} & {self.subject.unit(row) for row in self.test}
        self.assertFalse(shared, f"{len(shared)} ids are in train and in test, for example {sorted(shared, key=repr)[:3]}")

    def test_the_metric_of_cases_worked_by_hand(self):
        for labels, predictions, expected in self.subject.HAND_CASES:
            with self.subTest(labels=labels, predictions=predictions):
                self.assertAlmostEqual(self.subject.metric(labels, predictions), expected)

    def test_one_finite_prediction_a_row_whatever_stands_beside_it(self):
        model = self.subject.fit(self.train, self.seed)
        together = self._predict(model, self.test)
        self.assertEqual(len(together), len(self.test))
        self.assertTrue(all(math.isfinite(value) for value in together), "a prediction is not finite")
        some = self.test[:5]
        alone = [self._predict(model, [row])[0] for row in some]
        self._close(together[:5], alone, "a row alone is predicted differently")
        self._close(self._predict(model, some[::-1])[::-1], alone, "the order of rows changes predictions")

    def test_a_small_batch_can_be_learned_by_heart(self):
        batch = self._batch()
        model = self.subject.fit(batch, self.seed)
        score = self.subject.metric([self.subject.label(row) for row in batch], self._predict(model, batch))
        self.assertGreaterEqual(score, self.subject.LEARNED, "it cannot even learn a few rows by heart")

    def test_the_same_seed_gives_the_same_numbers(self):
        first, second = (self.subject.split(self.rows, self.seed) for _ in range(2))
        self.assertEqual(repr(first), repr(second), "the split differs")
        one, two = (self._predict(self.subject.fit(self.train, self.seed), self.test) for _ in range(2))
        self._close(one, two, "the predictions differ")

    def test_saved_and_restored_it_predicts_the_same(self):
        model = self.subject.fit(self.train, self.seed)
        with tempfile.TemporaryDirectory() as folder:
            self.subject.save(model, Path(folder))
            restored = self.subject.restore(Path(folder))
        self._close(self._predict(restored, self.test), self._predict(model, self.test), "the restored model differs")

    def _predict(self, model, rows):
        return [float(value) for value in self.subject.predict(model, rows)]

    def _batch(self):
        """Rows of every class, no id twice: two rows that are the same with other labels cannot be learned."""
        by_label, seen = {}, set()
        for row in self.train:
            unit = self.subject.unit(row)
            if unit not in seen:
                seen.add(unit)
                by_label.setdefault(self.subject.label(row), []).append(row)
        self.assertGreater(len(by_label), 1, "the training rows hold one class only")
        each = max(1, self.subject.BATCH // len(by_label))
        return [row for rows in by_label.values() for row in rows[:each]]

    def _close(self, found, wanted, message):
        self.assertEqual(len(found), len(wanted), message)
        for index, (a, b) in enumerate(zip(found, wanted)):
            self.assertTrue(math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9), f"{message}: row {index}: {a} and {b}")


if __name__ == "__main__":
    unittest.main()
