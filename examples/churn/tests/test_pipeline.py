import unittest

from churn.data import load
from churn.evaluate import roc_auc
from churn.features import Pipeline
from churn.model import NearestNeighbours


class PipelineTest(unittest.TestCase):
    def test_fitted_numbers_have_mean_zero(self):
        rows = load()[:200]
        columns = list(zip(*Pipeline().fit(rows).transform(rows)))
        self.assertAlmostEqual(sum(columns[0]) / len(columns[0]), 0, places=6)

    def test_fit_does_not_see_the_rows_it_transforms(self):
        rows = load()
        pipeline = Pipeline().fit(rows[:100])
        before = dict(pipeline.stats)
        pipeline.transform(rows[100:200])
        self.assertEqual(pipeline.stats, before)


class MetricTest(unittest.TestCase):
    def test_auc_of_a_case_worked_by_hand(self):
        # Pairs (churner, stayer): 0.9>0.8, 0.9>0.1, 0.4<0.8, 0.4>0.1: three of four.
        self.assertEqual(roc_auc([1, 0, 1, 0], [0.9, 0.8, 0.4, 0.1]), 0.75)

    def test_ties_count_half(self):
        self.assertEqual(roc_auc([1, 0], [0.5, 0.5]), 0.5)

    def test_one_class_is_refused(self):
        with self.assertRaises(ValueError):
            roc_auc([1, 1], [0.1, 0.2])


class ModelTest(unittest.TestCase):
    def test_too_few_rows_are_refused(self):
        with self.assertRaises(ValueError):
            NearestNeighbours(k=5).fit([[0.0] * 8], [1])


if __name__ == "__main__":
    unittest.main()
