"""Waiting for conditions instead of sleeping. Python 3.10 or newer, standard library only: copy it among your tests.

    wait_for(lambda: queue.empty(), "the queue to drain", timeout=10)

Every function returns the truthy value that ended the wait, and raises NotInTime with the description, the time and
the last value seen. `unless` is called at each look; a truthy answer (best a sentence) raises GaveUp at once, for
instance when the process that should do the work has ended.
"""

import asyncio
import http.client
import inspect
import os
import time
import urllib.error
import urllib.request
from pathlib import Path


class NotInTime(AssertionError):
    """The limit passed. An AssertionError, so that test runners report a failure and not an error."""


class GaveUp(AssertionError):
    """What was waited for cannot come any more."""


class NotYet:
    """What a condition may give instead of something falsy: not true yet, and this is what was seen."""

    def __init__(self, seen):
        self.seen = seen

    def __bool__(self):
        return False

    def __repr__(self):
        return self.seen


class _Wait:
    """What one wait has seen so far. Time is monotonic: a clock that is set back must not prolong it."""

    def __init__(self, description, timeout, interval, unless):
        if timeout < 0 or interval <= 0:
            raise ValueError(f"timeout={timeout} must not be negative and interval={interval} must be above zero")
        self.description, self.timeout, self.interval, self.unless = description, timeout, interval, unless
        self.looks, self.last, self.start = 0, "nothing", time.monotonic()

    def saw(self, text):
        self.looks += 1
        self.last = text

    def pause(self):
        """Seconds to the next look; raises when there is none. Asked after a look, so the last look comes after the limit."""
        reason = self.unless() if self.unless else None
        if reason:
            raise GaveUp(f"gave up waiting for {self.description} after {self.spent():.2f} s: {reason}")
        if self.spent() >= self.timeout:
            looks = "1 look" if self.looks == 1 else f"{self.looks} looks"
            raise NotInTime(
                f"waited {self.spent():.2f} s (limit {self.timeout:g} s, {looks}) for {self.description}; last seen: {self.last}"
            )
        return min(self.interval, self.left())

    def left(self):
        return max(self.timeout - self.spent(), 0.001)

    def spent(self):
        return time.monotonic() - self.start


def wait_for(condition, description, timeout=5.0, interval=0.05, *, unless=None, ignore=()):
    """Calls `condition` until it gives something truthy, and returns that. Errors of the classes in `ignore` count as not yet."""
    wait = _Wait(description, timeout, interval, unless)
    while True:
        try:
            value = condition()
        except ignore as error:
            wait.saw(f"{type(error).__name__}: {error}")
        else:
            if inspect.iscoroutine(value):
                value.close()
                raise TypeError("the condition is asynchronous: use wait_for_async")
            if value:
                return value
            wait.saw(_short(value))
        time.sleep(wait.pause())


async def wait_for_async(condition, description, timeout=5.0, interval=0.05, *, unless=None, ignore=()):
    """Like wait_for in an event loop; the condition may be asynchronous, and one that hangs does not outlast the limit."""
    wait = _Wait(description, timeout, interval, unless)
    while True:
        try:
            value = condition()
            if inspect.isawaitable(value):
                value = await _within(value, wait.left())
            if value:
                return value
            wait.saw(_short(value))
        except ignore as error:
            wait.saw(f"{type(error).__name__}: {error}")
        await asyncio.sleep(wait.pause())


async def _within(awaitable, seconds):
    # Not asyncio.wait_for: its TimeoutError could not be told from one that the condition raises.
    task = asyncio.ensure_future(awaitable)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
        return task.result() if done else NotYet("a look that did not end")
    finally:
        task.cancel()


def wait_for_event(events, matches, description=None, **options):
    """The first recorded event that matches: a value to equal, or a predicate. `events` is a list that grows, or gives one."""
    test = matches if callable(matches) else lambda event: event == matches
    # In a tuple: the event itself may be falsy.
    found = lambda: next(((event,) for event in list(_now(events)) if test(event)), None)
    return wait_for(found, description or f"the event {matches!r}", **options)[0]


def wait_for_count(items, count, description=None, **options):
    """At least `count` items; returns a list of them. `items` is a collection that grows, or a function that gives one."""

    def enough():
        # In a tuple: with a count of 0 the list may be empty.
        found = list(_now(items))
        return (found,) if len(found) >= count else NotYet(f"{len(found)}: {_short(found)}")

    return wait_for(enough, description or f"{count} items", **options)[0]


def wait_for_file(path, description=None, *, marker=None, stable_for=0.3, **options):
    """
    A file that is complete; returns its Path. With `marker`, the path of a file that the writer makes last, both must be
    there. Without, it must hold something and keep size and time for `stable_for` seconds: right for a writer that does
    not pause longer, so prefer a marker or a rename from a temporary name where you can choose.
    """
    path, last, since = Path(path), None, 0.0

    def complete():
        nonlocal last, since
        if marker is not None:
            return path if Path(marker).exists() and path.exists() else None
        try:
            stat = os.stat(path)
        except FileNotFoundError:
            last = None
            return None
        state = (stat.st_size, stat.st_mtime_ns)
        if state != last:
            last, since = state, time.monotonic()
        return path if stat.st_size > 0 and time.monotonic() - since >= stable_for else None

    return wait_for(complete, description or f"the complete file {path}", **options)


def wait_for_http(url, description=None, *, status=200, request_timeout=2.0, **options):
    """A GET that answers with `status`; returns the body as bytes. Refused, reset and slow connections count as not yet."""
    # Servers under test are near: a proxy of the environment would answer in their place.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def answered():
        try:
            with opener.open(url, timeout=request_timeout) as response:
                code, body = response.status, response.read()
        except urllib.error.HTTPError as error:
            with error:
                code, body = error.code, error.read()
        return (body,) if code == status else NotYet(f"status {code}, {_short(body)}")

    ignored = (OSError, http.client.HTTPException, *options.pop("ignore", ()))
    return wait_for(answered, description or f"{url} to answer {status}", ignore=ignored, **options)[0]


def wait_for_exit(process, description=None, **options):
    """The end of a subprocess.Popen or multiprocessing.Process; returns its exit code, whatever it is."""
    # In a tuple, since 0 is falsy.
    over = lambda: None if (code := _exit_code(process)) is None else (code,)
    return wait_for(over, description or f"process {process.pid} to end", **options)[0]


def ended(process):
    """For `unless`: a sentence when the process has ended, else None."""
    code = _exit_code(process)
    return None if code is None else f"process {process.pid} ended with exit code {code}"


def _exit_code(process):
    return process.poll() if hasattr(process, "poll") else process.exitcode


def _now(source):
    return source() if callable(source) else source


def _short(value, limit=200):
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}..."
