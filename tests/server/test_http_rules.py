"""HTTP/1.1 as RFC 9110 and 9112 have it: one table of what is sent, byte by byte, and what has to come back.

What is said of a case in brackets is decided by Tornado, on which the server stands.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, NamedTuple

import pytest

from rtlab.server.access import Access
from rtlab.server.limits import Limits
from rtlab.server.thread import ServerThread

from .conftest import start
from .raw import Answer, Connection, Socket, Stream

TOKEN = "a-token-for-these-tests"
JSON = "Content-Type: application/json\r\n"
POST = "POST /channels/http/events HTTP/1.1\r\nHost: HOST\r\n" + JSON
CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n"
GET = "GET /healthz HTTP/1.1\r\nHost: HOST\r\n"
OPEN, CLOSED = "open", "closed"


class Case(NamedTuple):
    """One exchange: the statuses that are answered, in their order, and whether the connection can be used again."""

    name: str
    clause: str
    sent: str
    answers: tuple[int, ...]
    after: str = OPEN


CASES = [
    # --- RFC 9112 §2.2, §3: the request line ---
    Case("an empty line before it", "9112 §2.2", "\r\n" + GET + "\r\n", (200,)),
    Case("two of them [are an empty head]", "9112 §2.2", "\r\n\r\n" + GET + "\r\n", (400,), CLOSED),
    Case("lines that end in LF alone [are taken]", "9112 §2.2", GET.replace("\r\n", "\n") + "\n", (200,)),
    Case("a CR alone within a header", "9112 §2.2", GET + "X: a\rb\r\n\r\n", (400,), CLOSED),
    Case(
        "white space before the first header",
        "9112 §2.2",
        GET.replace("Host", " Host") + "\r\n",
        (400,),
        CLOSED,
    ),
    Case("a request line of two words", "9112 §3", "GET /healthz\r\nHost: HOST\r\n\r\n", (400,), CLOSED),
    Case("a method in lower case is another one", "9110 §9.1", GET.replace("GET", "get") + "\r\n", (405,)),
    Case("a method that nobody knows", "9110 §9.1", GET.replace("GET", "BREW") + "\r\n", (405,)),
    Case(
        "HTTP/1.2 is understood as 1.1 [and then hung up on]",
        "9110 §2.5",
        GET.replace("1.1", "1.2") + "\r\n",
        (200,),
        CLOSED,
    ),
    Case("HTTP/2.0", "9110 §15.6.6", GET.replace("1.1", "2.0") + "\r\n", (400,), CLOSED),
    # --- RFC 9112 §3.2: the target ---
    Case("the absolute form", "9112 §3.2.2", GET.replace("/healthz", "http://HOST/healthz") + "\r\n", (200,)),
    Case(
        "its scheme in any case",
        "9112 §3.2.2",
        GET.replace("/healthz", "HTTP://HOST/healthz") + "\r\n",
        (200,),
    ),
    Case("without a path", "9112 §3.2.2", GET.replace("/healthz", "http://HOST") + "\r\n", (200,)),
    Case(
        "its query",
        "9112 §3.2.2",
        GET.replace("/healthz", "http://HOST/channels/a/events?limit=0") + "\r\n",
        (400,),
    ),
    Case(
        "its host counts, not Host",
        "9112 §3.2.2",
        "GET http://evil.example/healthz HTTP/1.1\r\nHost: HOST\r\n\r\n",
        (403,),
    ),
    Case(
        "and the other way round",
        "9112 §3.2.2",
        "GET http://HOST/healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        (200,),
    ),
    Case(
        "the authority form is CONNECT's", "9112 §3.2.3", "CONNECT a:1 HTTP/1.1\r\nHost: HOST\r\n\r\n", (405,)
    ),
    Case("no Host", "9112 §3.2", "GET /healthz HTTP/1.1\r\n\r\n", (400,), CLOSED),
    Case("two Hosts", "9112 §3.2", GET + "Host: HOST\r\n\r\n", (400,), CLOSED),
    Case("a Host that is none", "9112 §3.2", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", (400,), CLOSED),
    # --- RFC 9112 §5: headers ---
    Case("a space before the colon", "9112 §5.1", GET + "X : a\r\n\r\n", (400,), CLOSED),
    Case("no colon", "9112 §5", GET + "X\r\n\r\n", (400,), CLOSED),
    Case("no name", "9112 §5", GET + ": a\r\n\r\n", (400,), CLOSED),
    Case("a folded line", "9112 §5.2", GET + "X: a\r\n b\r\n\r\n", (400,), CLOSED),
    Case("a zero byte in a value", "9110 §5.5", GET + "X: a\0b\r\n\r\n", (400,), CLOSED),
    Case("an empty value, and bytes beyond ASCII", "9110 §5.5", GET + "X:\r\nY: \xe4\r\n\r\n", (200,)),
    # --- RFC 9112 §6: how long a body is, and what could be smuggled behind it ---
    Case(
        "both Content-Length and Transfer-Encoding",
        "9112 §6.3",
        POST + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + GET + "\r\n",
        (400,),
        CLOSED,
    ),
    Case(
        "two Content-Lengths that differ",
        "9112 §6.3",
        POST + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n12",
        (400,),
        CLOSED,
    ),
    Case("the same in one line", "9112 §6.3", POST + "Content-Length: 1, 2\r\n\r\n12", (400,), CLOSED),
    Case(
        "two that agree [are taken for one]",
        "9112 §6.3",
        POST + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n1",
        (201,),
    ),
    Case("a length with a sign", "9110 §8.6", POST + "Content-Length: +1\r\n\r\n1", (400,), CLOSED),
    Case("a length that is none", "9110 §8.6", POST + "Content-Length: 0x1\r\n\r\n1", (400,), CLOSED),
    Case(
        "a coding that is not known [is 400, where 501 would say more]",
        "9112 §6.1",
        POST + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        (400,),
        CLOSED,
    ),
    Case(
        "chunked twice",
        "9112 §6.1",
        POST + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        (400,),
        CLOSED,
    ),
    Case(
        "something that only looks like chunked",
        "9112 §6.1",
        POST + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        (400,),
        CLOSED,
    ),
    Case(
        "Transfer-Encoding in HTTP/1.0",
        "9112 §6.1",
        CHUNKED.replace("1.1", "1.0") + "1\r\n1\r\n0\r\n\r\n",
        (400,),
        CLOSED,
    ),
    Case(
        "a GET with a body, and the next request behind it",
        "9110 §9.3.1",
        GET + "Content-Length: 3\r\n\r\nGET" + GET + "\r\n",
        (200, 200),
    ),
    Case("a POST without a length has no body", "9112 §6.3", POST + "\r\n", (400,)),
    # --- RFC 9112 §7.1: chunks ---
    Case("a body in chunks", "9112 §7.1", CHUNKED + "1\r\n1\r\n2\r\n23\r\n0\r\n\r\n", (201,)),
    Case(
        "their sizes in either case, with zeros",
        "9112 §7.1",
        CHUNKED + "00A\r\n1234567890\r\n0\r\n\r\n",
        (201,),
    ),
    Case(
        "a chunk that is longer than it says", "9112 §7.1", CHUNKED + "1\r\n12\r\n0\r\n\r\n", (400,), CLOSED
    ),
    Case("a size that is none", "9112 §7.1", CHUNKED + "-1\r\n1\r\n", (400,), CLOSED),
    Case("a size of many digits", "9112 §7.1", CHUNKED + "F" * 17 + "\r\n1", (400,), CLOSED),
    Case(
        "an extension [is refused, where it should be ignored]",
        "9112 §7.1.1",
        CHUNKED + "1;a=b\r\n1\r\n",
        (400,),
        CLOSED,
    ),
    Case(
        "a trailer [is refused, where it may be dropped]",
        "9112 §7.1.2",
        CHUNKED + "1\r\n1\r\n0\r\nX: a\r\n\r\n",
        (400,),
        CLOSED,
    ),
    # --- RFC 9112 §9: connections ---
    Case("close", "9112 §9.6", GET + "Connection: close\r\n\r\n", (200,), CLOSED),
    Case("close in a list, in any case", "9112 §9.6", GET + "Connection: TE, Close\r\n\r\n", (200,), CLOSED),
    Case(
        "nothing after close is answered",
        "9112 §9.6",
        GET + "Connection: close\r\n\r\n" + GET + "\r\n",
        (200,),
        CLOSED,
    ),
    Case("HTTP/1.0", "9112 §9.3", GET.replace("1.1", "1.0") + "\r\n", (200,), CLOSED),
    Case("HTTP/1.0 without Host", "9112 §3.2", "GET /healthz HTTP/1.0\r\n\r\n", (200,), CLOSED),
    Case(
        "HTTP/1.0 with keep-alive",
        "9112 §9.3",
        GET.replace("1.1", "1.0") + "Connection: keep-alive\r\n\r\n",
        (200,),
    ),
    Case(
        "requests one behind the other",
        "9112 §9.3.2",
        (GET + "\r\n") * 3 + POST + "\r\n" + GET + "\r\n",
        (200, 200, 200, 400, 200),
    ),
    Case(
        "behind a poll that is held",
        "9112 §9.3.2",
        "GET /channels/nobody/events?wait=0.05 HTTP/1.1\r\nHost: HOST\r\n\r\n"
        + GET.replace("healthz", "nothing")
        + "\r\n"
        + GET
        + "\r\n",
        (200, 404, 200),
    ),
    # --- RFC 9110 §10.1.1: Expect ---
    Case(
        "100-continue",
        "9110 §10.1.1",
        POST + "Content-Length: 1\r\nExpect: 100-continue\r\n\r\n1",
        (100, 201),
    ),
    Case(
        "in any case", "9110 §10.1.1", POST + "Content-Length: 1\r\nExpect: 100-Continue\r\n\r\n1", (100, 201)
    ),
    Case(
        "and in chunks",
        "9110 §10.1.1",
        POST + "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n1\r\n0\r\n\r\n",
        (100, 201),
    ),
    Case(
        "something else",
        "9110 §10.1.1",
        POST + "Content-Length: 1\r\nExpect: miracles\r\n\r\n",
        (417,),
        CLOSED,
    ),
    *(
        Case(
            f"refused before the body: {why}",
            "9110 §10.1.1",
            head + "Expect: 100-continue\r\nContent-Length: LENGTH\r\n\r\n".replace("LENGTH", length),
            (status,),
            CLOSED,
        )
        for why, head, length, status in [
            ("too large", POST, "5000000", 413),
            ("another type", POST.replace("/json", "/xml"), "5", 415),
            ("a name that is none", POST.replace("/http/", "/a%20b/"), "5", 400),
            ("no such resource", POST.replace("/channels", "/chapels"), "5", 404),
            ("no such method here", POST.replace("/channels/http/events", "/healthz"), "5", 405),
            ("no such method anywhere", POST.replace("POST", "PUT"), "5", 405),
            ("another origin", POST + "Origin: https://evil.example\r\n", "5", 403),
            ("another host", POST.replace("HOST", "evil.example"), "5", 403),
        ]
    ),
    # --- RFC 9110 §9.3, §15.5: methods and limits ---
    Case("HEAD has no body", "9110 §9.3.2", (GET.replace("GET", "HEAD") + "\r\n") * 2, (200, 200)),
    Case("OPTIONS", "9110 §9.3.7", (GET.replace("GET", "OPTIONS") + "\r\n") * 2, (204, 204)),
    Case("a URL too long", "9110 §15.5.15", GET.replace("healthz", "x" * 20_000) + "\r\n", (414,)),
    Case("headers too large", "6585 §5", GET + ("X: " + "x" * 4000 + "\r\n") * 5 + "\r\n", (431,)),
    Case(
        "a head so large that it is not read to its end", "6585 §5", GET + "X: " + "x" * 100_000, (), CLOSED
    ),
]


@pytest.fixture(scope="module")
def server() -> Iterator[ServerThread]:
    with closing(start()) as server:
        yield server


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.clause}: {case.name}")
def test_rule(case: Case, server: ServerThread) -> None:
    method = case.sent.lstrip().partition(" ")[0]
    with Connection(server.url) as connection:
        connection.send(case.sent.replace("HOST", connection.host))
        answers = [answer_of(connection, method) for _ in case.answers]
        assert tuple(answer.status for answer in answers) == case.answers
        if case.after == CLOSED:
            assert connection.ended()
            if answers and "date" in answers[-1].headers and "HTTP/1.1" in case.sent:
                assert answers[-1].headers["connection"] == "close"  # RFC 9112 §9.6
        else:
            assert connection.get("/healthz").status == 200


def answer_of(connection: Connection, method: str) -> Answer:
    """The next answer, which is read to its end; below the handlers it is a bare 400."""
    answer = connection.answer(method)
    if answer.status in (404, 405, 413, 414, 415, 417, 431):
        answer.problem(answer.status)
    if answer.status == 405:
        assert "HEAD" in answer.headers["allow"]
    return answer


def test_each_case_has_a_clause() -> None:
    assert all(re.fullmatch(r"(9110|9112|6585) §[\d.]+", case.clause) for case in CASES)
    assert len({case.name for case in CASES}) == len(CASES)


class TestPipelining:
    """RFC 9112, Section 9.3.2"""

    def test_who_waits_behind_a_held_poll_is_answered_after_it(
        self, server: ServerThread, until: Callable[[Any], None]
    ) -> None:
        with Connection(server.url) as poll, Connection(server.url) as other:
            path = "/channels/queue/events"
            poll.ask(path + "?wait=20")
            for _ in range(50):
                poll.ask("/healthz")
            until(lambda: "rtlab_held_polls 1.0" in other.get("/metrics").body.decode())
            assert other.post(path, "1").status == 201
            assert [event["data"] for event in poll.answer().json()["events"]] == [1]
            assert {poll.answer().status for _ in range(50)} == {200}

    def test_what_waits_behind_a_held_poll_is_bounded(self, server: ServerThread) -> None:
        request = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX: %b\r\n\r\n" % (b"x" * 1000) * 1000
        sent, most = 0, 64 << 20
        with Connection(server.url) as poll:
            poll.ask("/channels/bounded/events?wait=20")
            poll.socket.settimeout(0.3)
            with contextlib.suppress(TimeoutError):  # nobody reads, and the kernel has no more room
                while sent < most:
                    sent += poll.socket.send(request)
        with Connection(
            server.url
        ) as other:  # as long as more waits behind it, a poll does not see its client leave
            assert other.post("/channels/bounded/events", "1").status == 201
        assert sent < most


class TestConditions:
    """RFC 9110, Section 13.1.2: on an answer that does not end a tag is a position, if it is one, and no condition."""

    @pytest.mark.parametrize("tags", ['"{}"', 'W/"{}"', '"{}", "a.1"', "*"])
    def test_a_stream_and_a_socket_are_never_304(self, tags: str, server: ServerThread) -> None:
        with Connection(server.url) as connection:
            cursor = connection.post("/channels/tags/events", "1").json()["id"]
        given = {"If-None-Match": tags.format(cursor)}
        with (
            Stream(server.url, "/channels/tags/stream", given) as stream,
            Socket(server.url, "/channels/tags/socket", given) as peer,
        ):
            assert stream.status == 200
            assert stream.block()["id"] == peer.message()["cursor"] == cursor

    @pytest.mark.parametrize("tags", ['"a.1", W/"{}"', "*"])
    def test_a_poll_that_waits_with_several_tags_is_held_as_with_one(
        self, tags: str, server: ServerThread
    ) -> None:
        with Connection(server.url) as connection:
            cursor = connection.post("/channels/held/events", "1").json()["id"]
            given = {"If-None-Match": tags.format(cursor)}
            assert connection.get("/channels/held/events?wait=0.05", headers=given).status == 304


class TestTokens:
    """RFC 9110, Section 10.1.1: who may not publish is told so before he sends what he would have published."""

    @pytest.mark.parametrize(("token", "status"), [(None, 401), ("another", 401)])
    def test_who_asks_first_is_refused_first(self, token: str | None, status: int, serve: Any) -> None:
        headers = {"Content-Type": "application/json", "Content-Length": "9", "Expect": "100-continue"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        with Connection(serve(access=Access(TOKEN)).url) as connection:
            answer = connection.get("/channels/a/events", "POST", headers)
            answer.problem(status)
            assert "www-authenticate" in answer.headers
            assert connection.ended()

    def test_who_does_not_ask_is_told_after_his_body_and_may_go_on(self, serve: Any) -> None:
        with Connection(serve(access=Access(TOKEN)).url) as connection:
            connection.post("/channels/a/events", "1").problem(401)
            assert connection.get("/channels/a/events").status == 401
            assert connection.get("/channels/a/events", headers={"Host": "evil.example"}).status == 403
            given = {"Authorization": f"Bearer {TOKEN}"}
            assert connection.post("/channels/a/events", "1", given).status == 201

    def test_a_token_is_verified_once_a_request(self, serve: Any) -> None:
        class Counting(Access):
            judged = 0

            def grant(self, presented: str | None) -> Any:
                self.judged += 1
                return super().grant(presented)

        access = Counting(TOKEN)
        server = serve(access=access)
        given = {"Authorization": f"Bearer {TOKEN}"}
        with Connection(server.url) as connection:
            for number, ask in enumerate(
                (
                    lambda: connection.post("/channels/a/events", "1", given),
                    lambda: connection.get("/channels/a/events?wait=0.01", headers=given),
                    lambda: connection.get("/channels/a/events?after=start", "HEAD", given),
                ),
                1,
            ):
                assert ask().status in (200, 201)
                assert access.judged == number


def test_a_head_of_just_the_size_is_taken(serve: Any) -> None:
    with Connection(serve(Limits(header_bytes=500)).url) as connection:
        lengths = range(380, 520, 10)
        statuses = [connection.get("/healthz", headers={"X": "x" * length}).status for length in lengths]
        assert sorted(statuses) == statuses
        assert set(statuses) == {200, 431}
