"""Whatever an answer does, its check comes back with an outcome, in time, and nothing stays behind."""

import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any

import cloudpickle
import psutil
import pytest

from rtlab.errors import RtlabError
from rtlab.teach import runner
from rtlab.teach.outcome import Outcome, Verdict, Wrong

Cell = Callable[[str], dict[str, Any]]

# The checks of this file travel with the answer: the process that runs them cannot import a test.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


def is_called(answer: Any) -> None:
    answer()


def gives_two(answer: Any) -> None:
    got = answer()
    if got != 2:
        raise Wrong("called it", repr(got), "a two", "Count again.")


async def is_awaited(answer: Any) -> None:
    await answer()


def outcome(answer: Any, check: Any = is_called, limit: float = 5.0) -> Outcome:
    return runner.run(check, answer, limit)


def test_a_right_answer_is_right(cell: Cell) -> None:
    assert outcome(cell("def f(): return 1 + 1")["f"], gives_two).verdict is Verdict.RIGHT


def test_a_wrong_answer_says_what_was_done_what_came_out_and_what_was_wanted(cell: Cell) -> None:
    wrong = outcome(cell("def f(): return 3")["f"], gives_two)
    assert wrong.verdict is Verdict.WRONG
    assert (wrong.did, wrong.got, wrong.wanted, wrong.words) == ("called it", "3", "a two", "Count again.")


def test_an_answer_brings_its_globals_its_helpers_and_its_modules(cell: Cell) -> None:
    names = cell("""
        import math
        STEP = 1
        def one(): return math.floor(STEP + 0.5)
        def f(): return one() + STEP
    """)
    assert outcome(names["f"], gives_two).verdict is Verdict.RIGHT


def test_an_exception_quotes_the_students_own_line(cell: Cell) -> None:
    names = cell("""
        def deep(values):
            return values["missing"]  # here

        def f():
            return deep({})
    """)
    raised = outcome(names["f"])
    assert raised.verdict is Verdict.RAISED
    assert (raised.line, raised.code) == (2, '    return values["missing"]  # here')
    assert "KeyError: 'missing'" in raised.words


@pytest.fixture(params=["as installed", "without the file's name"])
def packed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let cloudpickle keep the name of the file that code stands in, as up to 3.1.2, or drop it, as since 3.1.3."""
    table = cloudpickle.Pickler.dispatch_table
    reduce = table[CodeType]
    if request.param != "as installed":
        monkeypatch.setitem(table, CodeType, lambda code: reduce(code.replace(co_filename="<dynamic-code>")))


@pytest.mark.usefixtures("packed")
@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("while True: pass", Verdict.TOO_LONG),
        ("return len(str(7 ** 10 ** 9))", Verdict.TOO_LONG),
        ("return valeu", Verdict.RAISED),
        ("return [each() for each in [lambda: valeu]]", Verdict.RAISED),
    ],
)
def test_the_line_is_found_whether_or_not_cloudpickle_keeps_the_files_name(
    cell: Cell, body: str, verdict: Verdict
) -> None:
    names = cell(f"class C:\n    def m(self):\n        {body}\ndef f():\n    return C().m()\n")
    found = outcome(names["f"], limit=0.5 if verdict is Verdict.TOO_LONG else 5.0)
    assert (found.verdict, found.line, found.code.strip()) == (verdict, 3, body)


def test_an_exception_inside_a_library_still_quotes_the_students_line(cell: Cell) -> None:
    raised = outcome(cell("import json\ndef f():\n    return json.loads('{')\n")["f"])
    assert (raised.line, raised.code) == (3, "    return json.loads('{')")


def test_an_exception_in_a_lambda_is_found(cell: Cell) -> None:
    raised = outcome(cell("f = lambda: 1 / 0")["f"])
    assert (raised.verdict, raised.line, raised.code) == (Verdict.RAISED, 1, "f = lambda: 1 / 0")


def test_endless_recursion_is_an_exception_like_others(cell: Cell) -> None:
    raised = outcome(cell("def f():\n    return f()\n")["f"])
    assert raised.verdict is Verdict.RAISED
    assert "RecursionError" in raised.words
    assert raised.line == 2


@pytest.mark.parametrize("leave", ["exit()", "raise SystemExit(3)", "raise KeyboardInterrupt"])
def test_leaving_by_an_exception_is_one(cell: Cell, leave: str) -> None:
    raised = outcome(cell(f"from sys import exit\ndef f():\n    {leave}\n")["f"])
    assert (raised.verdict, raised.line) == (Verdict.RAISED, 3)


def test_ending_the_process_is_told(cell: Cell) -> None:
    ended = outcome(cell("import os\ndef f():\n    print('before')\n    os._exit(0)\n")["f"])
    assert ended.verdict is Verdict.RAISED
    assert "ended the whole Python process (exit status 0)" in ended.words
    assert ended.printed == "before\n"


def test_a_crash_of_the_interpreter_is_told_with_its_line(cell: Cell) -> None:
    crashed = outcome(cell("import ctypes\ndef f():\n    ctypes.string_at(0)\n")["f"])
    assert crashed.verdict is Verdict.RAISED
    assert crashed.line == 3


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("while True: pass", 3),
        ("time.sleep(1e9)", 3),
        ("threading.Event().wait()", 3),
        ("os.read(os.pipe()[0], 1)", 3),
    ],
)
def test_what_never_ends_took_too_long_and_says_where(cell: Cell, body: str, line: int) -> None:
    started = time.monotonic()
    late = outcome(cell(f"import os, time, threading\ndef f():\n    {body}\n")["f"], limit=0.5)
    assert late.verdict is Verdict.TOO_LONG
    assert late.words == "Stopped after 0.5 s. It was here:"
    assert (late.line, late.code.strip()) == (line, body)
    assert time.monotonic() - started < 30


def test_c_code_that_holds_the_interpreters_lock_is_ended_too(cell: Cell) -> None:
    late = outcome(cell("def f():\n    return len(str(7 ** 10 ** 9))\n")["f"], limit=0.5)
    assert (late.verdict, late.line) == (Verdict.TOO_LONG, 2)


def test_an_answer_that_catches_everything_is_ended_too(cell: Cell) -> None:
    late = outcome(
        cell("""
        def f():
            while True:
                try:
                    while True: pass
                except BaseException:
                    pass
        """)["f"],
        limit=0.5,
    )
    assert late.verdict is Verdict.TOO_LONG


def test_a_coroutine_that_waits_for_ever_shows_the_line_at_which_it_waits(cell: Cell) -> None:
    names = cell("""
        import asyncio
        async def deep():
            await asyncio.Event().wait()
        async def f():
            await deep()
    """)
    late = outcome(names["f"], is_awaited, limit=0.5)
    assert (late.verdict, late.line, late.code.strip()) == (
        Verdict.TOO_LONG,
        3,
        "await asyncio.Event().wait()",
    )


def test_when_none_of_the_students_lines_hangs_the_message_says_so(cell: Cell) -> None:
    def waits(answer: Any) -> None:
        threading.Event().wait()

    late = outcome(cell("def f(): pass")["f"], waits, limit=0.3)
    assert late.words.startswith("Stopped after 0.3 s. None of your lines was running")
    assert late.line is None


def test_async_answers_are_awaited(cell: Cell) -> None:
    names = cell("""
        import asyncio
        async def right():
            await asyncio.sleep(0)
        async def wrong():
            await asyncio.sleep(0)
            raise ValueError("no")
    """)
    assert outcome(names["right"], is_awaited).verdict is Verdict.RIGHT
    raised = outcome(names["wrong"], is_awaited)
    assert (raised.verdict, raised.line) == (Verdict.RAISED, 6)


def test_an_exception_in_a_group_is_found(cell: Cell) -> None:
    def grouped(answer: Any) -> None:
        class Group(Exception):
            exceptions: tuple[Exception, ...] = ()

        try:
            answer()
        except ValueError as error:
            group = Group("two things")
            group.exceptions = (error,)
            error_free = group
        raise error_free

    raised = outcome(cell("def f():\n    raise ValueError('inner')\n")["f"], grouped)
    assert (raised.verdict, raised.line) == (Verdict.RAISED, 2)


def test_what_it_prints_is_shown_up_to_a_bound(cell: Cell) -> None:
    assert outcome(cell("def f(): print('hällo', 1)")["f"]).printed == "hällo 1\n"
    flood = outcome(cell("def f():\n    for _ in range(300): print('x' * 1_000_000)\n")["f"])
    assert flood.verdict is Verdict.RIGHT
    assert flood.printed == "x" * 4_000 + "\n… (the rest is left out)"


def test_what_it_printed_before_it_hung_is_shown(cell: Cell) -> None:
    late = outcome(cell("def f():\n    while True: print('again')\n")["f"], limit=0.5)
    assert late.verdict is Verdict.TOO_LONG
    assert late.printed.startswith("again\nagain\n")
    assert late.printed.endswith("(the rest is left out)")


def test_it_may_write_to_every_standard_descriptor(cell: Cell) -> None:
    names = cell("""
        import os, sys
        def f():
            os.write(1, b"{}" * 100_000)
            os.write(2, b"x" * 200_000)
            sys.stdout.buffer.write(b"raw")
            sys.stderr.write("!")
            os.system("echo from a shell")
            for descriptor in (0, 1, 2):
                os.close(descriptor)
    """)
    fine = outcome(names["f"])
    assert (fine.verdict, fine.printed) == (Verdict.RIGHT, "raw!")


def test_it_cannot_read_from_the_notebook(cell: Cell) -> None:
    assert "EOFError" in outcome(cell("def f(): input('? ')")["f"]).words


def test_memory_is_bounded(cell: Cell) -> None:
    names = cell("""
        def at_once():
            return bytearray(100 << 30)
        def little_by_little():
            kept = []
            while True:
                kept.append(bytearray(1 << 20))
    """)
    for name, line in (("at_once", 2), ("little_by_little", 6)):
        raised = outcome(names[name], limit=20)
        assert raised.verdict is Verdict.RAISED
        assert "MemoryError" in raised.words
        assert raised.line == line


def test_memory_is_watched_where_the_system_has_no_bound(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    names = cell("""
        import resource
        def f():
            most = resource.getrlimit(resource.RLIMIT_AS)[1]
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
            kept = []
            while True:
                kept.append(b"x" * (1 << 20))
    """)
    monkeypatch.setattr(runner, "MEMORY", 200 << 20)
    ended = outcome(names["f"], limit=20)
    assert ended.verdict is Verdict.RAISED
    assert ended.words == "It used more than 200 MiB of memory and was stopped."


def test_processes_and_threads_of_an_answer_end_with_it(cell: Cell, tmp_path: Path) -> None:
    names = cell(f"""
        import os, subprocess, sys, threading, time
        def f():
            sleep = [sys.executable, "-c", "import time; time.sleep(300)"]
            children = [subprocess.Popen(sleep)]
            if hasattr(os, "fork"):
                child = os.fork()
                if not child:
                    time.sleep(300)
            threading.Thread(target=time.sleep, args=(300,)).start()
            with open({str(tmp_path / "pids")!r}, "w") as file:
                print(children[0].pid, child, os.getpid(), file=file)
    """)
    assert outcome(names["f"], limit=20).verdict is Verdict.RIGHT
    for pid in map(int, (tmp_path / "pids").read_text().split()):
        deadline = time.monotonic() + 5
        while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline, f"process {pid} is still there"
            time.sleep(0.02)


def test_files_of_an_answer_are_gone(cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    names = cell("""
        import os, tempfile
        def f():
            open("here", "w").close()
            tempfile.mkstemp()
            print(os.getcwd())
            print(tempfile.gettempdir())
    """)
    here, temporary = outcome(names["f"]).printed.split()
    assert here != os.getcwd()
    assert not Path(here).exists()
    assert os.path.realpath(temporary) == os.path.realpath(here)
    assert Path(here).parent == tmp_path
    assert not list(tmp_path.iterdir())


def test_one_check_does_not_see_what_another_one_changed(cell: Cell) -> None:
    names = cell("""
        import json
        def breaks(): json.dumps = None
        def uses(): return json.loads(json.dumps(2))
    """)
    assert outcome(names["breaks"]).verdict is Verdict.RIGHT
    assert outcome(names["uses"], gives_two).verdict is Verdict.RIGHT


def test_a_tornado_handler_from_a_cell_is_served(cell: Cell) -> None:
    names = cell("""
        import tornado.web
        class Hello(tornado.web.RequestHandler):
            async def get(self):
                self.write("hello " + self.get_argument("who"))
    """)
    assert outcome(names["Hello"], greets).verdict is Verdict.RIGHT


def test_an_exception_in_a_handler_is_shown_beside_the_symptom(cell: Cell) -> None:
    names = cell("""
        import tornado.web
        class Hello(tornado.web.RequestHandler):
            def get(self):
                self.write("hello " + self.whom)
    """)
    wrong = outcome(names["Hello"], greets)
    assert (wrong.verdict, wrong.got) == (Verdict.WRONG, "status 500")
    assert "Meanwhile your code raised `AttributeError" in wrong.words
    assert (wrong.line, wrong.code.strip()) == (4, 'self.write("hello " + self.whom)')


async def greets(handler: Any) -> None:
    import tornado.httpclient
    import tornado.httpserver
    import tornado.testing
    import tornado.web

    connection, port = tornado.testing.bind_unused_port()
    server = tornado.httpserver.HTTPServer(tornado.web.Application([("/", handler)]))
    server.add_socket(connection)
    client = tornado.httpclient.AsyncHTTPClient()
    answer = await client.fetch(f"http://127.0.0.1:{port}/?who=you", raise_error=False)
    if answer.body != b"hello you":
        raise Wrong("asked it", f"status {answer.code}", "a greeting")


def test_an_exception_in_a_thread_is_shown_beside_the_symptom(cell: Cell) -> None:
    names = cell("""
        import threading
        def f():
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
        def work():
            raise OSError("in a thread")
    """)
    wrong = outcome(names["f"], gives_two)
    assert (wrong.verdict, wrong.line) == (Verdict.WRONG, 7)
    assert "OSError: in a thread" in wrong.words


def test_what_cannot_leave_the_notebook_is_named(cell: Cell) -> None:
    names = cell("""
        import threading
        lab = threading.Lock()
        def f():
            with lab:
                return 2
    """)
    stuck = outcome(names["f"])
    assert stuck.verdict is Verdict.RAISED
    assert stuck.words.startswith("Your answer uses `lab`, which lives in the notebook")


def test_a_method_that_uses_what_cannot_leave_is_found_as_well(cell: Cell) -> None:
    names = cell("""
        import threading
        lab = threading.Lock()
        class Pace:
            def interval(self):
                return lab
    """)
    assert "`lab`" in outcome(names["Pace"]).words


def test_what_the_other_process_cannot_import_is_told() -> None:
    module = type(sys)("only_here")
    exec("def f(): return 2", module.__dict__)
    sys.modules["only_here"] = module
    try:
        assert "only_here" in outcome(module.__dict__["f"]).words
    finally:
        del sys.modules["only_here"]


def test_what_the_check_cannot_handle_is_not_blamed_on_a_line(cell: Cell) -> None:
    def wants_text(answer: Any) -> None:
        answer().upper()

    raised = outcome(cell("def f(): return 3")["f"], wants_text)
    assert raised.words.startswith("The check could not go on with what your answer gave it")
    assert raised.line is None


def test_a_process_that_does_not_start_is_not_the_answers_fault(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "_BOOT", "import nothing_of_this_name")
    with pytest.raises(RtlabError, match="did not start: ModuleNotFoundError"):
        outcome(cell("def f(): pass")["f"])


def test_an_interrupt_of_the_kernel_ends_the_check(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(BaseException):
        pass

    def interrupt(*_: Any) -> None:
        raise Interrupted

    import signal

    before = signal.signal(signal.SIGUSR1, interrupt)
    names = cell("import time\ndef f():\n    time.sleep(1e9)\n")
    try:
        threading.Timer(0.8, lambda: os.kill(os.getpid(), signal.SIGUSR1)).start()
        with pytest.raises(Interrupted):
            outcome(names["f"], limit=50)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert not psutil.Process().children()
