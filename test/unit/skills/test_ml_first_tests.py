"""The template is green on its toy, red in the right test for each fault put in, and finds the leak of examples/churn."""

import io
import random
import sys
import unittest
from pathlib import Path

import ml_first_tests

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "examples" / "churn"))
from churn import data, evaluate, features, model as churn_model  # noqa: E402


class Churn(ml_first_tests.Subject):
    """The adapter of examples/churn: its own code, a part of its rows."""

    def load(self):
        return data.load()[:300]

    def split(self, rows, seed):
        return data.split(rows, seed=seed)

    def unit(self, row):
        return row["customer_id"]

    def label(self, row):
        return row["churned"]

    def fit(self, rows, seed):
        pipeline = features.Pipeline().fit(rows)
        labels = [row["churned"] for row in rows]
        return pipeline, churn_model.NearestNeighbours(k=1).fit(pipeline.transform(rows), labels)

    def predict(self, model, rows):
        pipeline, neighbours = model
        return neighbours.predict(pipeline.transform(rows))

    def metric(self, labels, predictions):
        return evaluate.roc_auc(labels, predictions)

    def save(self, model, folder):
        import pickle

        (folder / "model.pkl").write_bytes(pickle.dumps(model))

    def restore(self, folder):
        import pickle

        return pickle.loads((folder / "model.pkl").read_bytes())


class ChurnByCustomer(Churn):
    def split(self, rows, seed):
        customers = sorted({row["customer_id"] for row in rows})
        random.Random(seed).shuffle(customers)
        test = set(customers[: len(customers) // 4])
        return [r for r in rows if r["customer_id"] not in test], [r for r in rows if r["customer_id"] in test]


def failed_with(subject):
    """The names of the template's tests that are red for a subject."""
    case = type("Case", (ml_first_tests.FirstTests,), {"subject": subject})
    result = unittest.TextTestRunner(stream=io.StringIO()).run(unittest.defaultTestLoader.loadTestsFromTestCase(case))
    assert result.testsRun >= 7, result.testsRun
    return {str(test).split()[0] for test, _ in [*result.failures, *result.errors]}


def toy(**changes):
    return type("Changed", (ml_first_tests.Subject,), changes)()


OWN = ml_first_tests.Subject()
LEARN = "test_a_small_batch_can_be_learned_by_heart"
SHARED = "test_no_id_lies_in_two_parts"
PREDICT = "test_one_finite_prediction_a_row_whatever_stands_beside_it"
PARTS = "test_the_split_keeps_each_row_in_exactly_one_part"
SEED = "test_the_same_seed_gives_the_same_numbers"
METRIC = "test_the_metric_of_cases_worked_by_hand"
SAVED = "test_saved_and_restored_it_predicts_the_same"


def leaky(self, rows, seed):
    shuffled = random.Random(seed).sample(rows, len(rows))
    return shuffled[:90], shuffled[90:]


def drops_rows(self, rows, seed):
    train, test = OWN.split(rows, seed)
    return train[1:], test


def unseeded(self, rows, seed):
    return OWN.fit(rows, random.random())


def upside_down(self, rows, seed):
    model = OWN.fit(rows, seed)
    return {"weight": -model["weight"], "bias": -model["bias"]}


def ignores_ties(self, labels, predictions):
    pairs = [(a, b) for a, x in zip(predictions, labels) if x for b, y in zip(predictions, labels) if not y]
    return sum(a > b for a, b in pairs) / len(pairs)


def scaled_by_batch(self, model, rows):
    most = max(row["calls"] for row in rows) or 1
    return OWN.predict(model, [{**row, "calls": row["calls"] / most} for row in rows])


def sorts(self, model, rows):
    return sorted(OWN.predict(model, rows))


def half_saved(self, model, folder):
    OWN.save({**model, "bias": 0.0}, folder)


MUTANTS = {
    "a split by row": ({"split": leaky}, {SHARED}),
    "a split that loses a row": ({"split": drops_rows}, {PARTS}),
    "a fit that takes no notice of the seed": ({"fit": unseeded}, {SEED}),
    "a loss with the wrong sign": ({"fit": upside_down}, {LEARN}),
    "a metric that forgets ties": ({"metric": ignores_ties}, {METRIC}),
    "scaling by the batch that comes": ({"predict": scaled_by_batch}, {PREDICT}),
    "predictions that come sorted": ({"predict": sorts}, {PREDICT}),
    "predictions that are not finite": ({"predict": lambda self, model, rows: [float("nan")] * len(rows)}, {PREDICT}),
    "too few predictions": ({"predict": lambda self, model, rows: OWN.predict(model, rows)[1:]}, {PREDICT}),
    "an artefact without its bias": ({"save": half_saved}, {SAVED}),
}


class Template(unittest.TestCase):
    def test_is_green_on_its_toy(self):
        self.assertEqual(failed_with(OWN), set())

    def test_is_red_in_the_right_test_for_each_fault(self):
        for fault, (changes, wanted) in MUTANTS.items():
            with self.subTest(fault):
                self.assertLessEqual(wanted, failed_with(toy(**changes)))

    def test_each_of_its_tests_is_red_for_some_fault(self):
        names = set(unittest.defaultTestLoader.getTestCaseNames(ml_first_tests.FirstTests))
        self.assertEqual(set().union(*(wanted for _, wanted in MUTANTS.values())), names)

    def test_finds_nothing_but_the_leaky_split_in_the_churn_example(self):
        self.assertEqual(failed_with(Churn()), {SHARED})
        self.assertEqual(failed_with(ChurnByCustomer()), set())


if __name__ == "__main__":
    unittest.main()
