"""Each layer is tested by itself, with the layers before it out of the way."""

import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path

import four_layers as layers


def rows(first, count=16):
    return [{"customer_id": f"c{n}", "calls": n % 8, "churned": int(n % 8 > 3)} for n in range(first, first + count)]


TRAIN, TEST = rows(0), rows(100)
LEAKED = [*TEST, TRAIN[3]]


class Layers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.runs = Path(folder.name)
        self.said = io.StringIO()

    def run_it(self, train=TRAIN, test=TEST, name="new"):
        with contextlib.redirect_stderr(self.said):
            return layers.run(train, test, self.runs / name, self.runs)

    def without(self, *names):
        """Takes layers away, as a new caller or a refactoring would."""
        for name in names:
            real = getattr(layers, name)
            self.addCleanup(setattr, layers, name, real)
            setattr(layers, name, lambda *_: None)

    def test_good_input_passes_them_all(self):
        self.assertEqual(self.run_it(), 1.0)
        self.assertTrue((self.runs / "new" / "model.json").is_file())

    def test_layer_1_refuses_what_is_no_table(self):
        bad = {"customer_id": "", "calls": float("nan"), "churned": True}
        for column, value in [*bad.items(), ("calls", None), ("calls", "3"), ("churned", 0.5)]:
            with self.subTest(column=column, value=value), self.assertRaisesRegex(layers.BadTable, f"row 2: {column} is"):
                layers.check_table([TRAIN[0], {**TRAIN[1], column: value}], "train")
        with self.assertRaisesRegex(layers.BadTable, "test has no rows"):
            layers.check_table([], "test")

    def test_layer_2_refuses_the_leak_and_a_single_class(self):
        with self.assertRaisesRegex(layers.BadSplit, "1 customers .* for example c3: split by customer_id"):
            self.run_it(test=LEAKED)
        with self.assertRaisesRegex(layers.BadSplit, r"test holds the classes \[0\] only"):
            layers.check_split(TRAIN, [row for row in TEST if not row["churned"]])

    def test_layer_3_refuses_the_leak_when_layer_2_was_gone_round(self):
        self.without("check_table", "check_split")
        with self.assertRaisesRegex(layers.NotHere, "1 customers of this evaluation were in the training, for example c3"):
            self.run_it(test=LEAKED)

    def test_layer_3_refuses_to_write_over_a_run_or_elsewhere(self):
        self.run_it(name="march")
        with self.assertRaisesRegex(layers.NotHere, "march is there already"):
            self.run_it(name="march")
        for name in ("../elsewhere", "."):
            with self.assertRaisesRegex(layers.NotHere, "where this run may write"):
                self.run_it(name=name)
        self.assertEqual([path.name for path in self.runs.iterdir()], ["march"])

    def test_layer_4_has_told_the_counts_before_the_refusal(self):
        self.without("check_split")
        with self.assertRaises(layers.NotHere):
            self.run_it(test=LEAKED)
        steps = [json.loads(line) for line in self.said.getvalue().splitlines()]
        self.assertEqual([step["step"] for step in steps], ["fit", "score"])
        self.assertEqual(steps[1]["rows"], len(LEAKED))

    def test_nothing_is_written_when_a_layer_refuses(self):
        for test in (LEAKED, [], TEST[:1]):
            with self.assertRaises(ValueError):
                self.run_it(test=test)
        self.assertEqual(list(self.runs.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
