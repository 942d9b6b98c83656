"""Where in the student's own lines something happened: the line that raised, the line that hangs."""

import gc
import inspect
import sys
import threading
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Any

from rtlab.teach.source import LINES

Place = tuple[int, str]  # a line's number in the cell, and the line


def where_it_raised(error: BaseException | None) -> Place | None:
    """Find the innermost of the student's lines that an exception passed, also within a group or a cause."""
    if error is None:
        return None
    if isinstance(error, SyntaxError) and error.filename in LINES:
        return _place(error.filename, error.lineno or 1)
    for traceback in reversed(list(_tracebacks(error.__traceback__))):
        if traceback.tb_frame.f_code.co_filename in LINES:
            return _place(traceback.tb_frame.f_code.co_filename, traceback.tb_lineno)
    inner = [*getattr(error, "exceptions", ()), error.__cause__]
    return next(filter(None, map(where_it_raised, inner)), None)


def where_it_hangs() -> Place | None:
    """Find the student's line that a thread is in now, or at which a coroutine waits."""
    threads, main = sys._current_frames(), threading.main_thread().ident
    running = [_callers(threads[ident]) for ident in sorted(threads, key=lambda ident: ident != main)]
    import asyncio  # not before it is needed, as in `checks.finish`

    tasks = (thing for thing in gc.get_objects() if isinstance(thing, asyncio.Task) and not thing.done())
    waiting = [_awaits(task.get_coro()) for task in tasks]
    for frame in (frame for stack in (*running, *waiting) for frame in stack):
        if frame.f_code.co_filename in LINES:
            return _place(frame.f_code.co_filename, frame.f_lineno)
    return None


def _place(filename: str, number: int) -> Place:
    lines = LINES[filename]
    return number, lines[number - 1].rstrip("\n") if 0 < number <= len(lines) else ""


def _tracebacks(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback:
        yield traceback
        traceback = traceback.tb_next


def _callers(frame: FrameType | None) -> Iterator[FrameType]:
    """Yield a running frame and its callers, the innermost first."""
    while frame:
        yield frame
        frame = frame.f_back


def _awaits(coroutine: Any) -> list[FrameType]:
    """Return the frames of a suspended coroutine and of what it awaits, the innermost first."""
    frames: list[FrameType] = []
    while inspect.iscoroutine(coroutine):
        if coroutine.cr_frame:
            frames.insert(0, coroutine.cr_frame)
        coroutine = coroutine.cr_await
    return frames
