import contextlib
import io
import math
import tempfile
import unittest
from dataclasses import dataclass
from pathlib import Path

from first_nonfinite import NonFinite, Trace, first_nonfinite, main, watch_modules

NAN, INF = math.nan, math.inf


class Array:
    """What numpy, torch and jax arrays have in common, as far as it is used."""

    def __init__(self, data):
        self.data, self.listed = data, 0

    def __sub__(self, other):
        return Array(_zip(self.data, other.data, lambda a, b: a - b))

    def __eq__(self, number):
        return Array(_zip(self.data, self.data, lambda a, _: a == number))

    def all(self):
        return all(_flat(self.data))

    def tolist(self):
        self.listed += 1
        return self.data


class Tensor(Array):
    """A torch tensor that must be taken off its graph and its device before it is a list."""

    def detach(self):
        return self

    def cpu(self):
        return Array(self.data)

    def tolist(self):
        raise RuntimeError("a tensor on a device")


def _zip(a, b, step):
    return [_zip(x, y, step) for x, y in zip(a, b)] if isinstance(a, list) else step(a, b)


def _flat(data):
    return [x for item in data for x in _flat(item)] if isinstance(data, list) else [data]


class Module:
    """A torch module, as far as it is used."""

    def __init__(self, step, parameters=None, children=()):
        self.step, self.own, self.children, self.hooks = step, parameters or {}, dict(children), {}

    def named_parameters(self, recurse):
        assert recurse is False
        return self.own.items()

    def named_modules(self):
        yield "", self
        yield from self.children.items()

    def register_forward_hook(self, hook):
        self.hooks[id(hook)] = hook
        handle = lambda: None
        handle.remove = lambda: self.hooks.pop(id(hook))
        return handle

    def __call__(self, *inputs):
        output = self.step(*inputs)
        for hook in list(self.hooks.values()):
            hook(self, inputs, output)
        return output


@dataclass
class Batch:
    features: list
    name: str = "nan"


class Values(unittest.TestCase):
    def test_names_the_place_in_what_is_nested(self):
        self.assertEqual(first_nonfinite({"rows": [{"amount": 1.0}, {"amount": INF}]}), ('["rows"][1]["amount"]', INF))
        self.assertEqual(first_nonfinite(Batch([1, -INF])), (".features[1]", -INF))
        self.assertEqual(first_nonfinite(((), [[2.0], [complex(0, INF)]]))[0], "[1][1][0]")

    def test_gives_the_first_in_order(self):
        self.assertEqual(first_nonfinite([1, INF, NAN]), ("[1]", INF))

    def test_gives_none_where_all_is_finite_or_no_number(self):
        for value in ([], {}, None, True, "nan", b"inf", 10**400, [1, 2.5, None], object(), Batch):
            self.assertIsNone(first_nonfinite(value))

    def test_asks_an_array_before_it_makes_a_list_of_it(self):
        clean, dirty = Array([[1.0, 2.0]]), Array([[1.0], [NAN]])
        self.assertIsNone(first_nonfinite(clean))
        self.assertEqual(clean.listed, 0)
        self.assertEqual(first_nonfinite(dirty)[0], "[1][0]")

    def test_takes_a_tensor_off_its_device(self):
        self.assertEqual(first_nonfinite(Tensor([0.0, INF])), ("[1]", INF))

    def test_looks_into_arrays_that_cannot_be_subtracted(self):
        self.assertEqual(first_nonfinite(Array(["a", INF])), ("[1]", INF))


class Traces(unittest.TestCase):
    def test_raises_at_the_first_bad_border_and_names_the_last_good_one(self):
        trace = Trace()
        self.assertEqual(trace("joined", [1, 2]), [1, 2])
        with self.assertRaisesRegex(NonFinite, r"scaled\[1\] is inf; the last good border was joined"):
            trace("scaled", [0.5, INF])
        with self.assertRaisesRegex(NonFinite, r"^first is nan$"):
            Trace()("first", NAN)


class Modules(unittest.TestCase):
    def test_names_the_module_that_made_it_and_not_those_after_it(self):
        first = Module(lambda x: Tensor([INF for _ in x.data]))
        second = Module(lambda x: x)
        model = Module(lambda x: second(first(x)), children={"scale": first, "head": second})
        with self.assertRaisesRegex(NonFinite, r"output of scale \(Module\) is inf at \[0\]; its input and parameters were finite"):
            with watch_modules(model):
                model(Tensor([1.0]))

    def test_says_when_a_parameter_or_the_input_was_so_already(self):
        broken = Module(lambda x: Tensor([NAN]), {"weight": Tensor([1.0, NAN])})
        with self.assertRaisesRegex(NonFinite, r'the model .* its parameter \["weight"\]\[1\] is so'):
            with watch_modules(broken):
                broken(Tensor([1.0]))
        passes = Module(lambda x: x)
        with self.assertRaisesRegex(NonFinite, r"its input was so already at \[0\]\[0\]"):
            with watch_modules(passes):
                passes(Tensor([NAN]))

    def test_leaves_no_hook_behind(self):
        model = Module(lambda x: x)
        with self.assertRaises(NonFinite), watch_modules(model):
            model(Tensor([NAN]))
        self.assertEqual(model.hooks, {})
        with watch_modules(model):
            model(Tensor([1.0]))
        self.assertEqual(model.hooks, {})


class Files(unittest.TestCase):
    def look(self, name, text):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, name)
            path.write_text(text, encoding="utf-8")
            out, err = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = main([str(path)])
            return code, out.getvalue() + err.getvalue()

    def test_names_row_line_and_column_of_a_table(self):
        code, text = self.look("a.csv", '\ufeffid,note,amount\n1,"two\nlines",3\n2,x,NaN\n')
        self.assertEqual(code, 1)
        self.assertIn("row 2 (line 4), column amount is NaN", text)
        self.assertIn("column b is 1e999", self.look("a.tsv", "a\tb\n1\t1e999\n")[1])
        self.assertIn("column number 3 is inf", self.look("a.csv", "a,b\n1,2,inf\n")[1])

    def test_is_silent_on_clean_and_empty_tables(self):
        for text in ("", "a,b\n", "a,b\n1,nantes\n,infinite\n"):
            self.assertEqual(self.look("a.csv", text), (0, ""))

    def test_reads_json_and_json_lines(self):
        self.assertIn('line 3, ["loss"] is nan', self.look("log.jsonl", '{"loss": 1}\n\n{"loss": NaN}\n')[1])
        self.assertIn("[1] is inf", self.look("a.json", "[0, Infinity]")[1])

    def test_ends_with_2_for_what_cannot_be_read(self):
        self.assertEqual(self.look("a.json", "{")[0], 2)
        with contextlib.redirect_stderr(io.StringIO()):
            self.assertEqual(main(["/no/such/file.csv"]), 2)


if __name__ == "__main__":
    unittest.main()
