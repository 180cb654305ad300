import unittest

from churn.data import load, split


class SplitTest(unittest.TestCase):
    def setUp(self):
        self.train, self.test = split(load())

    def test_no_customer_is_in_train_and_test(self):
        shared = {row["customer_id"] for row in self.train} & {row["customer_id"] for row in self.test}
        self.assertEqual(len(shared), 0, f"{len(shared)} customers have rows in both train and test, so the test score is not honest")

    def test_every_row_is_in_exactly_one_part(self):
        self.assertEqual(len(self.train) + len(self.test), len(load()))

    def test_the_test_part_is_about_a_quarter(self):
        share = len(self.test) / (len(self.train) + len(self.test))
        self.assertAlmostEqual(share, 0.25, delta=0.03)

    def test_the_same_seed_gives_the_same_split(self):
        self.assertEqual(split(load(), seed=3), split(load(), seed=3))


if __name__ == "__main__":
    unittest.main()
