import asyncio
import http.server
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

from wait_for import GaveUp, NotInTime, NotYet, wait_for, wait_for_async, wait_for_count, wait_for_event
from wait_for import ended, wait_for_exit, wait_for_file, wait_for_http


def after(looks, value):
    """A condition that becomes `value` with its so-many-th look."""
    calls = []

    def condition():
        calls.append(1)
        return value if len(calls) >= looks else None

    condition.calls = calls
    return condition


def python(code):
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL)


class WaitFor(unittest.TestCase):
    def test_gives_the_value_that_ended_the_wait_and_looks_no_further(self):
        condition = after(3, "row 7")
        self.assertEqual(wait_for(condition, "the row", interval=0.001), "row 7")
        self.assertEqual(len(condition.calls), 3)

    def test_looks_before_it_sleeps(self):
        start = time.monotonic()
        wait_for(lambda: True, "nothing", interval=30)
        self.assertLess(time.monotonic() - start, 5)

    def test_names_condition_time_looks_and_last_value_when_the_limit_passes(self):
        with self.assertRaises(NotInTime) as caught:
            wait_for(lambda: 0, "the queue to drain", timeout=0.05, interval=0.01)
        message = str(caught.exception)
        self.assertRegex(message, r"waited 0\.\d\d s \(limit 0\.05 s, \d+ looks\) for the queue to drain; last seen: 0$")
        self.assertIsInstance(caught.exception, AssertionError)

    def test_looks_once_more_after_a_pause_that_was_cut_by_the_limit(self):
        self.assertEqual(wait_for(after(2, 1), "it", timeout=0.05, interval=60), 1)

    def test_looks_once_with_a_limit_of_zero(self):
        self.assertEqual(wait_for(lambda: 5, "it", timeout=0), 5)
        with self.assertRaises(NotInTime):
            wait_for(lambda: None, "it", timeout=0)

    def test_says_what_a_condition_says_it_saw(self):
        with self.assertRaisesRegex(NotInTime, r"last seen: 3 of 8 shards"):
            wait_for(lambda: NotYet("3 of 8 shards"), "the shards", timeout=0)

    def test_passes_errors_on_unless_they_are_to_be_ignored(self):
        def broken():
            raise KeyError("auc")

        with self.assertRaises(KeyError):
            wait_for(broken, "the metric", timeout=1)
        with self.assertRaisesRegex(NotInTime, "last seen: KeyError: 'auc'"):
            wait_for(broken, "the metric", timeout=0.02, interval=0.01, ignore=(KeyError,))

    def test_gives_up_at_once_for_a_reason(self):
        start = time.monotonic()
        with self.assertRaisesRegex(GaveUp, "gave up waiting for the server .*: the process ended"):
            wait_for(lambda: False, "the server", timeout=60, interval=0.01, unless=lambda: "the process ended")
        self.assertLess(time.monotonic() - start, 10)

    def test_prefers_the_condition_to_a_reason_to_give_up(self):
        self.assertEqual(wait_for(lambda: 1, "it", unless=lambda: "ended"), 1)

    def test_refuses_a_condition_that_is_asynchronous_and_limits_that_make_no_sense(self):
        async def condition():
            return True

        with self.assertRaisesRegex(TypeError, "wait_for_async"):
            wait_for(condition, "it")
        for options in ({"timeout": -1}, {"interval": 0}):
            with self.assertRaises(ValueError):
                wait_for(lambda: True, "it", **options)


class Async(unittest.TestCase):
    def test_waits_for_plain_and_asynchronous_conditions(self):
        async def main():
            state = []
            asyncio.get_running_loop().call_later(0.02, state.append, "done")

            async def look():
                return state

            self.assertEqual(await wait_for_async(look, "it", interval=0.005), ["done"])
            return await wait_for_async(after(2, 4), "it", interval=0.001)

        self.assertEqual(asyncio.run(main()), 4)

    def test_ends_at_the_limit_also_when_a_look_hangs(self):
        with self.assertRaisesRegex(NotInTime, "last seen: a look that did not end"):
            asyncio.run(wait_for_async(lambda: asyncio.sleep(60), "it", timeout=0.05))

    def test_does_not_take_a_condition_s_own_time_out_for_its_limit(self):
        async def look():
            raise asyncio.TimeoutError("of the socket")

        with self.assertRaisesRegex(asyncio.TimeoutError, "of the socket"):
            asyncio.run(wait_for_async(look, "it", timeout=5))


class Recorded(unittest.TestCase):
    def test_an_event_counts_also_when_it_came_before_and_is_falsy(self):
        self.assertEqual(wait_for_event([3, 0, 5], lambda event: event < 1), 0)
        self.assertEqual(wait_for_event(lambda: ["start", "stop"], "stop"), "stop")

    def test_an_event_that_comes_from_a_thread_is_seen(self):
        events = ["start"]
        timer = threading.Timer(0.05, events.append, ["stop"])
        timer.start()
        self.assertEqual(wait_for_event(events, "stop", interval=0.005), "stop")
        timer.join()

    def test_a_missing_event_is_named(self):
        with self.assertRaisesRegex(NotInTime, "for the event 'stop'"):
            wait_for_event(["start"], "stop", timeout=0)

    def test_a_count_gives_a_list_of_its_own_and_says_how_many_there_were(self):
        items = [1, 2]
        found = wait_for_count(items, 2)
        items.append(3)
        self.assertEqual(found, [1, 2])
        self.assertEqual(wait_for_count([], 0), [])
        with self.assertRaisesRegex(NotInTime, r"for 4 items; last seen: 3: \[1, 2, 3\]"):
            wait_for_count(lambda: items, 4, timeout=0)


class Files(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory())) if hasattr(self, "enterContext") else None
        if self.folder is None:  # Python 3.10
            folder = tempfile.TemporaryDirectory()
            self.addCleanup(folder.cleanup)
            self.folder = Path(folder.name)

    def test_a_file_that_still_grows_is_not_complete(self):
        path = self.folder / "model.pt"
        writer = python(
            "import sys, time\n"
            f"with open({str(path)!r}, 'w') as file:\n"
            "    for _ in range(20):\n"
            "        file.write('x' * 10); file.flush(); time.sleep(0.03)\n"
        )
        self.addCleanup(writer.wait)
        found = wait_for_file(path, stable_for=0.6, interval=0.01, timeout=60)
        self.assertEqual(found.stat().st_size, 200)

    def test_an_empty_or_missing_file_is_not_complete(self):
        (self.folder / "empty").touch()
        for name in ("empty", "missing"):
            with self.assertRaisesRegex(NotInTime, f"the complete file .*{name}"):
                wait_for_file(self.folder / name, timeout=0.05, stable_for=0, interval=0.01)

    def test_with_a_marker_the_marker_decides(self):
        path, marker = self.folder / "model.pt", self.folder / "model.pt.done"
        path.write_text("weights")
        with self.assertRaises(NotInTime):
            wait_for_file(path, marker=marker, timeout=0.02, interval=0.01)
        marker.touch()
        self.assertEqual(wait_for_file(str(path), marker=str(marker), timeout=0), path)


class Handler(http.server.BaseHTTPRequestHandler):
    statuses = []

    def do_GET(self):
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(b"ready" if status == 200 else b"loading")

    def log_message(self, *_):
        pass


class Http(unittest.TestCase):
    def serve(self, statuses):
        Handler.statuses = statuses
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}/ready"

    def test_waits_until_the_status_is_right_past_a_proxy_of_the_environment(self):
        url = self.serve([503, 503, 200])
        os.environ["http_proxy"] = "http://127.0.0.1:9"
        self.addCleanup(os.environ.pop, "http_proxy")
        self.assertEqual(wait_for_http(url, interval=0.01), b"ready")

    def test_says_what_the_server_answered_last(self):
        with self.assertRaisesRegex(NotInTime, "/ready to answer 200; last seen: status 503, b'loading'"):
            wait_for_http(self.serve([503]), timeout=0)

    def test_a_refused_connection_is_not_yet_and_a_dead_server_ends_the_wait(self):
        server = python("raise SystemExit(3)")
        server.wait()
        with self.assertRaisesRegex(GaveUp, "ended with exit code 3"):
            wait_for_http("http://127.0.0.1:9/ready", timeout=60, unless=lambda: ended(server))

    def test_a_url_that_is_none_is_an_error_at_once(self):
        with self.assertRaises(ValueError):
            wait_for_http("no-url", timeout=60)


class Exits(unittest.TestCase):
    def test_gives_the_exit_code_zero_too(self):
        for code in (0, 4):
            self.assertEqual(wait_for_exit(python(f"raise SystemExit({code})"), timeout=60), code)

    def test_knows_processes_of_multiprocessing(self):
        process = multiprocessing.get_context("spawn").Process(target=time.monotonic)
        process.start()
        self.assertIsNone(ended(process)) if process.exitcode is None else None
        self.assertEqual(wait_for_exit(process, timeout=60), 0)
        self.assertIn("exit code 0", ended(process))

    def test_names_a_process_that_goes_on(self):
        process = python("input()") if sys.stdin.isatty() else python("import time; time.sleep(60)")
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        with self.assertRaisesRegex(NotInTime, f"process {process.pid} to end"):
            wait_for_exit(process, timeout=0.02, interval=0.01)


if __name__ == "__main__":
    unittest.main()
