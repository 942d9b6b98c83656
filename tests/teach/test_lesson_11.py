"""Lesson 11's own parts: its server, its visitors, the ways of a token, and who sends too much."""

import contextlib
import dataclasses
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler
from websocket import create_connection

from rtlab.errors import Refused
from rtlab.server.access import Access, issue
from rtlab.server.limits import Limits
from rtlab.server.thread import ServerThread
from rtlab.server.tls import development
from rtlab.teach import exercise
from rtlab.teach.lesson_11 import excess, inflate, segments, ways
from rtlab.teach.lesson_11.bearer import MASTER, Compared
from rtlab.teach.lesson_11.checklist import NO_ANSWER, Checklist, checklist, refusing
from rtlab.teach.lesson_11.elsewhere import PAGE, Elsewhere
from rtlab.teach.lesson_11.hosting import Hosted
from rtlab.teach.lesson_11.overheard import overheard
from rtlab.teach.lesson_11.pictures import cross_site, rebinding
from rtlab.teach.lesson_11.recorded import CHROMIUM, WORDS, table
from rtlab.teach.lesson_11.visitors import STRANGERS, friends, knock, strangers
from rtlab.teach.outcome import Verdict
from rtlab.teach.source import Source

RESOURCE = "/channels/diary"
KEY = "a-secret-of-32-bytes-or-more-of-the-server"
LESSON = Path(__file__).parents[2] / "notebooks" / "11_who_may_listen.ipynb"


class Here(RequestHandler):
    def get(self) -> None:
        self.write("here")


class Breaks(RequestHandler):
    def get(self) -> None:
        raise ValueError("a slip")


@pytest.fixture
def names() -> Iterator[set[str]]:
    """The threads that there were before; afterwards there are no others."""
    before = {thread.name for thread in threading.enumerate()}
    yield before
    assert {thread.name for thread in threading.enumerate()} <= before


def cell(mark: str) -> str:
    """The lesson's cell in which this stands."""
    cells = ("".join(each["source"]) for each in json.loads(LESSON.read_text())["cells"])
    return next(each for each in cells if mark in each)


@contextlib.contextmanager
def lesson(guard: str) -> Iterator[tuple[Hosted, list[str]]]:
    """The lesson's server, from its cells, with another guard if there is one; and what was said."""
    space: dict[str, Any] = {
        "Hosted": Hosted,
        "refusing": refusing,
        "path": RESOURCE,
        "KEY": KEY,
        "Access": Access,
        "Refused": Refused,
        "issue": issue,
        "urlsplit": urlsplit,
    }
    exec(cell("class Guarded("), space)
    exec(cell("class Socket(Guarded"), space)
    exec(cell("routes = [").partition("diary =")[0], space)
    with Hosted(space["routes"], "diary") as space["diary"]:
        exec(guard, space)
        yield space["diary"], space["said"]


def get(server: Hosted, path: str = "/") -> int:
    return knock(server.url, f"GET {path} HTTP/1.1\r\nHost: {server.host}\r\n\r\n".encode())


def test_a_hosted_server_is_replaced_by_one_of_its_name_and_all_are_closed(names: set[str]) -> None:
    first = Hosted([("/", Here)], "one")
    second, other = Hosted([("/", Here)], "one"), Hosted([("/", Here)], "two")
    assert (get(first), get(second), get(other)) == (0, 200, 200)
    first.close()
    Hosted.close_all()
    assert (get(second), get(other)) == (0, 0)


def test_what_a_handler_raises_is_kept_and_not_written_into_a_cell(
    names: set[str], capfd: pytest.CaptureFixture[str]
) -> None:
    with Hosted([("/", Breaks)]) as server:
        assert get(server) == 500
        assert [str(error) for error in server.errors] == ["a slip"]
        assert server.log == ["GET / 500"]
        found = checklist(server)
    assert capfd.readouterr() == ("", "")
    assert found.open == 0
    assert found.locked_out == 5


def test_a_guard_that_breaks_off_is_told_in_the_checklist(names: set[str]) -> None:
    with Hosted([(f"{RESOURCE}/events", Breaks)]) as server:
        assert "It broke off: `ValueError: a slip`" in repr(checklist(server))


@pytest.mark.parametrize("answer", ["'403'", "True", "False", "200", "500", "HTTPError(403)"])
def test_a_guard_that_returns_what_is_no_status_is_told_so(answer: str, names: set[str]) -> None:
    with lesson(f"def guard(request, does):\n    return {answer}\n") as (server, _):
        found = checklist(server)
    assert len(found.answers) == 15
    assert (found.open, found.locked_out) == (0, 5)
    assert "✗" in repr(found)
    assert "your guard returned" in repr(found)
    assert "from 400 to 499, as a number" in " ".join(repr(found).split())


def test_what_a_guard_may_return_is_left_as_it_is() -> None:
    assert [refusing(answer) for answer in (None, 400, 499)] == [None, 400, 499]


def test_the_checklist_stops_where_there_is_no_answer() -> None:
    given_up = threading.Event()

    class Hangs(RequestHandler):
        def get(self) -> None:
            given_up.wait(20)

    with Hosted([("/", Hangs)], "hangs") as server:
        found = checklist(server, seconds=0.2)
        given_up.set()
    assert [status for _, status in found.answers] == [0]
    assert found.error == NO_ANSWER
    assert "Run the server's three cells again" in " ".join(repr(found).split())


@pytest.mark.parametrize("finished", [False, True], ids=["as it begins", "finished"])
def test_a_token_that_only_reads_publishes_neither_by_post_nor_on_the_socket(finished: bool) -> None:
    reader = issue(KEY, "bob", read=["diary"])
    writer = issue(KEY, "ann", read=["diary"], publish=["diary"])
    with lesson(cell("def shown(request)").partition("after_token =")[0] if finished else "") as (
        server,
        said,
    ):
        for token in (reader, writer):
            socket = create_connection(
                f"{server.url}{RESOURCE}/socket?access_token={token}".replace("http", "ws", 1), 20
            )
            assert socket.recv() == said[0]
            socket.send(f"from {'bob' if token == reader else 'ann'}")
            socket.close(timeout=20)
        assert said[1:] == (["from ann"] if finished else ["from bob", "from ann"])
        found = checklist(server, writer, reader)
        assert (found.open, found.locked_out) == ((0, 0) if finished else (10, 0))
        assert ("written by somebody else" in said) is not finished


def test_rtlabs_own_server_lets_the_friends_in_and_only_scripts_of_the_strangers() -> None:
    server = ServerThread()
    try:
        own = server.url.removeprefix("http://")
        status = {v: knock(server.url, v.request(own, RESOURCE)) for v in (*friends(None), *strangers(None))}
    finally:
        server.close()
    assert [status[friend] for friend in friends(None)] == [200, 101, 200, 415, 200]  # it takes JSON alone
    assert [v.who for v in strangers(None) if status[v] in (101, 200, 415)] == [
        "a script that writes our Origin",
        "a script with a guessed token",
        "a script whose token only reads",
    ]


def test_a_visitor_sends_what_a_browser_would() -> None:
    page, publishes, *_, rebinds, _, _ = STRANGERS
    assert b"\r\nOrigin: https://evil.example\r\n" in page.request("127.0.0.1:80", RESOURCE)
    head, _, body = publishes.request("127.0.0.1:80", RESOURCE).partition(b"\r\n\r\n")
    assert b"Content-Type: text/plain" in head
    assert f"Content-Length: {len(body)}".encode() in head
    asks = rebinds.request("127.0.0.1:80", RESOURCE)
    assert b"Host: evil.example:80\r\n" in asks
    assert b"Origin: http://evil.example:80\r\n" in asks


def test_the_checklist_says_who_got_in_and_who_was_locked_out() -> None:
    ann, *_ = friends("t")
    shown = Checklist(((ann, 403), (STRANGERS[0], 101), (STRANGERS[1], 0)))
    assert (shown.open, shown.locked_out) == (1, 1)
    for words in (
        "1 of 2 strangers are let in, and 1 of 1 who may are not",
        "LOCKED OUT",
        "OPEN",
        "no answer",
    ):
        assert words in repr(shown)


def test_each_way_lets_its_token_in_and_only_the_query_gives_it_to_the_log() -> None:
    found = ways.tried()
    assert all(left.let_in and left.wire for left in found)
    assert [left.way for left in found if left.logged] == ["?access_token=…"]
    assert [left.way for left in found if left.again] == ["?access_token=…"]
    assert [left.way for left in found if not left.before] == ["the first message"]
    assert len(ways.table(found)._repr_html_()) > 0


def test_a_ticket_is_good_once() -> None:
    with Hosted(
        [("/ticket", ways.Ticket), ("/events", ways.Events)], "tickets", tickets=set[str]()
    ) as server:
        answer = json.loads(ways._exchange(server.url, "POST", "/ticket", ways.BEARER))
        assert [get(server, f"/events?ticket={answer['ticket']}") for _ in range(2)] == [200, 401]
        assert get(server, "/events?ticket=") == 401


class Open(WebSocketHandler):
    def get_compression_options(self) -> dict[str, object]:
        return {}

    def on_message(self, message: str | bytes) -> None:
        self.write_message(f"{len(message)} bytes")


class Plain(WebSocketHandler):
    pass


def test_a_bomb_goes_off_where_nothing_stops_it() -> None:
    bomb = excess.bomb(1 << 20)
    assert len(bomb) * 900 < 1 << 20
    with Hosted([("/socket", Open)], "bombed") as server:
        assert excess.throw(server.url, bomb) == f"{1 << 20} bytes"
    with Hosted([("/socket", Open)], "bombed", websocket_max_message_size=1000) as server:
        assert excess.throw(server.url, bomb) == "closed: 1009"
    with Hosted([("/socket", Plain)], "bombed") as server:
        assert excess.throw(server.url, bomb) == "no compression"


def test_rtlabs_own_server_stops_a_bomb_and_a_slow_head() -> None:
    server = ServerThread(limits=Limits(message_bytes=1000, head_seconds=0.3))
    try:
        assert excess.throw(server.url, excess.bomb(1 << 20), f"{RESOURCE}/socket") == "closed: 1009"
        assert excess.drip(server.url, every=0.05, at_most=20) is not None
    finally:
        server.close()


def test_a_slow_head_is_hung_up_on_where_there_is_a_limit() -> None:
    with Hosted([("/", Here)], "slow", http={"idle_connection_timeout": 0.2}) as server:
        assert excess.drip(server.url, every=0.05, at_most=20) is not None
    with Hosted([("/", Here)], "slow") as server:
        assert excess.drip(server.url, every=0.05, at_most=0.3) is None


def test_what_the_exercise_deflates_is_what_a_websocket_carries() -> None:
    namespace: dict[str, object] = {}
    exec(inflate.REFERENCE, namespace)
    assert namespace["inflate"](inflate.deflate(b"hello" * 100), 500) == b"hello" * 100  # type: ignore[operator]


def test_a_secret_knows_when_it_is_compared_letter_by_letter() -> None:
    Compared.times = 0
    secret = Compared(MASTER)
    assert secret == MASTER
    assert secret != "x"
    assert secret.encode() != b"x"
    assert Compared.times >= 3


def test_the_hostile_page_and_the_recording_name_the_same_attempts() -> None:
    page = PAGE.read_text()
    assert CHROMIUM.keys() == WORDS.keys()
    for attempt in CHROMIUM:
        assert f'"{attempt}"' in page, attempt
    assert "rtlab's server" in repr(table())
    assert "the diary" in repr(table(1))
    assert "with the line" not in repr(table(1))


def test_the_parts_of_a_token_are_read_and_written() -> None:
    head, body, signature = issue(KEY, "ann", read=["diary"]).split(".")
    assert segments.unpack(head) == {"alg": "HS256", "typ": "JWT"}
    assert segments.unpack(segments.pack(segments.unpack(body))) == segments.unpack(body)
    assert len(segments.decode(signature)) == 32


def test_tls_hides_the_target_of_a_socket_and_not_the_servers_name() -> None:
    target = f"{RESOURCE}/socket?access_token={issue(KEY, 'ann', read=['diary'])}"
    with development() as made:
        bare, hidden = overheard(target, Access(key=KEY)), overheard(target, Access(key=KEY), made)
    assert [(target.encode() in sent, b"localhost" in sent) for sent in (bare, hidden)] == [
        (True, True),
        (False, True),
    ]


def test_the_page_is_aimed_at_a_server() -> None:
    with Hosted([("/", Here)], "target") as target, Elsewhere() as elsewhere:
        shown = elsewhere.page(target)
        assert shown.url == f"{elsewhere.url}/?target={target.url}"
        assert get(elsewhere) == 200
        assert target.url != elsewhere.url


def test_the_pictures_tell_in_words_what_they_show() -> None:
    assert "our server to Ann's browser: the diary." in rebinding().description
    assert "Ann's browser to evil.example: GET http://evil.example:PORT/." in rebinding().description
    assert "Ann's browser to evil.example: the diary, to drop.example." in rebinding().description
    assert "Origin: evil.example" in cross_site().description


ASYNC = {
    "11.1": ("def refusal", "async def refusal"),
    "11.2": ("def bearer", "async def bearer"),
    "11.3": ("def inflate", "async def inflate"),
}


@pytest.mark.parametrize("id", ASYNC)
def test_an_async_answer_is_as_good(id: str) -> None:
    each = exercise(id)
    assert each.check(Source(each.reference.replace(*ASYNC[id]), each.name).load()).right


@pytest.mark.parametrize(
    ("answer", "verdict", "says"),
    [
        ("raise HTTPError(403)", Verdict.WRONG, "server's own page"),
        ("return 403", Verdict.WRONG, "`Host: example.org`"),
        ("return '403'", Verdict.WRONG, "as a number"),
        ("return 500", Verdict.WRONG, "400 to 499"),
        ("return request.no_such_thing", Verdict.RAISED, "AttributeError"),
        ("while True: pass", Verdict.TOO_LONG, ""),
    ],
)
def test_other_answers_to_the_holes_are_told(answer: str, verdict: Verdict, says: str) -> None:
    each = dataclasses.replace(exercise("11.1"), limit=2.0)
    source = f"from tornado.web import HTTPError\ndef refusal(request):\n    {answer}\n"
    outcome = each.check(Source(source, "refusal").load())
    assert outcome.verdict is verdict, outcome
    assert says in repr(outcome)


def test_who_refuses_as_a_handler_does_is_right() -> None:
    each = exercise("11.1")
    raised = "from tornado.web import HTTPError\n" + each.reference.replace(
        "return 403", "raise HTTPError(403)"
    )
    assert each.check(Source(raised, "refusal").load()).right
