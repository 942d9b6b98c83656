"""Who may ask, on every resource: `Host` against DNS rebinding, `Origin` against other pages, CORS for listed ones."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from rtlab.server.thread import ServerThread

from .raw import HANDSHAKE, Answer, Connection

PATHS = (
    "/channels/a/events",
    "/channels/a/events/new.0",
    "/channels/a/stream",
    "/channels/a/socket",
    "/channels",
    "/metrics",
    "/healthz",
    "/",
    "/nothing",
)
LISTED = "https://lab.example"
REFUSED = 403


@pytest.fixture(scope="module")
def url(guarded: ServerThread) -> str:
    return guarded.url


@pytest.fixture(scope="module")
def guarded() -> Any:
    from .conftest import start

    server = start(allow_origins=[LISTED, "null"], allow_hosts=["Lab.Example", "fd00::7"])
    yield server
    server.close()


@pytest.fixture
def ask(url: str, things: Any) -> Callable[..., Answer]:
    """Ask for a path with some headers, on a connection of its own; a stream's answer has no body then."""

    def ask(path: str, method: str = "GET", **headers: str) -> Answer:
        connection = things.enter_context(Connection(url))
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if path.endswith("socket"):
            given = {**HANDSHAKE, **given}
        connection.ask(path, method, given)
        if path.endswith("stream") and method == "GET":
            status, reason, told = connection.answer_head()
            if status == 200:
                return Answer(status, reason, told, b"")
            body = connection.read(int(told["content-length"]))
            return Answer(status, reason, told, body)
        return connection.answer(method)

    return ask


class TestHost:
    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "DELETE"])
    def test_a_strangers_name_is_refused_on_every_resource(
        self, path: str, method: str, ask: Callable[..., Answer]
    ) -> None:
        answer = ask(path, method, Host="evil.example")
        assert answer.status == 403
        if method != "HEAD":
            detail = answer.problem(403)
            assert "evil.example" in detail
            assert "--allow-host" in detail

    @pytest.mark.parametrize(
        "host",
        [
            "",
            "evil.example",
            "evil.example:80",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "evil-localhost",
            "notlab.example",
            "lab.example.evil.example",
            "128.0.0.1",
            "0.0.0.0",
            "192.168.0.1",
            "2130706433",
            "[::2]",
            "[",
            "[]",
            "[::1",
            "[evil]",
            "::1",
            "%6cocalhost",
        ],
    )
    def test_only_loopback_and_what_is_allowed_is_answered_to(
        self, host: str, ask: Callable[..., Answer]
    ) -> None:
        ask("/healthz", Host=host).problem(403)

    @pytest.mark.parametrize(
        "host",
        [
            "localhost",
            "LocalHost:1",
            "127.0.0.1",
            "127.0.0.1:9",
            "127.9.9.9",
            "[::1]",
            "[::1]:80",
            "lab.example",
            "LAB.example:8080",
            "[fd00::7]:1",
        ],
    )
    def test_every_name_of_loopback_and_every_allowed_one_is(
        self, host: str, ask: Callable[..., Answer]
    ) -> None:
        assert ask("/healthz", Host=host).status == 200

    def test_a_publish_to_a_strangers_name_is_refused_after_its_body(self, url: str) -> None:
        with Connection(url) as connection:
            answer = connection.post("/channels/a/events", "1" * 300_000, {"Host": "evil.example"})
            assert "evil.example" in answer.problem(403)
            assert connection.get("/channels/a/events?after=start").json()["events"] == []

    def test_http_1_0_need_not_name_a_host(self, url: str) -> None:
        with Connection(url) as connection:
            connection.send("GET /healthz HTTP/1.0\r\n\r\n")
            assert connection.answer().status == 200


class TestOrigin:
    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "DELETE"])
    def test_a_page_of_another_origin_is_refused_on_every_resource(
        self, path: str, method: str, ask: Callable[..., Answer]
    ) -> None:
        answer = ask(path, method, Origin="https://evil.example")
        assert answer.status == 403
        assert "access-control-allow-origin" not in answer.headers
        if method != "HEAD":
            assert "--allow-origin https://evil.example" in answer.problem(403)

    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize("method", ["GET", "OPTIONS", "DELETE"])
    def test_a_page_of_a_listed_origin_may_read_every_answer_also_a_problem(
        self, path: str, method: str, ask: Callable[..., Answer]
    ) -> None:
        answer = ask(path, method, Origin=LISTED)
        assert answer.status != REFUSED
        if answer.status != 101:
            assert answer.headers["access-control-allow-origin"] == LISTED
            assert answer.headers["vary"] == "Origin"
            assert answer.headers["access-control-allow-credentials"] == "true"
            exposed = answer.headers["access-control-expose-headers"]
            assert {"ETag", "Location", "Retry-After"} <= set(exposed.split(", "))

    def test_the_servers_own_page_is_allowed_without_more(self, url: str, ask: Callable[..., Answer]) -> None:
        answer = ask("/healthz", Origin=url)
        assert answer.status == 200
        assert "access-control-allow-origin" not in answer.headers
        assert ask("/healthz", Origin="http://localhost:5", Host="localhost:5").status == 200
        assert ask("/channels/a/socket", Origin=url).status == 101

    @pytest.mark.parametrize(
        "origin",
        [
            "https://lab.example.evil.example",
            "https://lab.example:443",
            "https://lab.example/",
            "https://lab.exampl",
            "http://lab.example",
            "HTTPS://LAB.EXAMPLE",
            "https://sub.lab.example",
            "https://lab.example https://evil.example",
            "https://lab.example, https://evil.example",
            "lab.example",
            "*",
            "",
        ],
    )
    def test_a_listed_origin_is_matched_whole(self, origin: str, ask: Callable[..., Answer]) -> None:
        ask("/healthz", Origin=origin).problem(403)

    def test_the_servers_own_origin_is_matched_whole(self, url: str, ask: Callable[..., Answer]) -> None:
        for origin in (url + "0", url[:-1], url + ".evil.example", url.replace("http", "https"), url + "/"):
            ask("/healthz", Origin=origin).problem(403)

    def test_an_origin_without_a_name_only_if_it_is_listed(
        self, ask: Callable[..., Answer], serve: Callable[..., ServerThread]
    ) -> None:
        assert ask("/healthz", Origin="null").headers["access-control-allow-origin"] == "null"
        with Connection(serve().url) as connection:
            connection.get("/healthz", headers={"Origin": "null"}).problem(403)

    def test_with_listed_origins_caches_are_told_that_the_answer_varies(
        self, ask: Callable[..., Answer], serve: Callable[..., ServerThread]
    ) -> None:
        assert ask("/healthz").headers["vary"] == "Origin"
        with Connection(serve().url) as connection:
            assert "vary" not in connection.get("/healthz").headers

    def test_who_says_no_origin_or_the_servers_own_is_told_nothing_of_others(
        self, url: str, ask: Callable[..., Answer]
    ) -> None:
        for headers in ({}, {"Origin": url}):
            answer = ask("/healthz", **headers)
            assert answer.status == 200
            assert not [name for name in answer.headers if name.startswith("access-control")]


class TestPreflight:
    """Fetch, Section 3.2 - CORS protocol"""

    @pytest.mark.parametrize("path", PATHS[:-1])
    def test_a_listed_origin_is_told_what_it_may_send(self, path: str, ask: Callable[..., Answer]) -> None:
        answer = ask(
            path,
            "OPTIONS",
            Origin=LISTED,
            Access_Control_Request_Method="POST",
            Access_Control_Request_Headers="content-type,idempotency-key",
        )
        assert answer.status == 204
        assert answer.headers["access-control-allow-origin"] == LISTED
        assert answer.headers["access-control-allow-methods"] == answer.headers["allow"]
        assert ("POST" in answer.headers["allow"]) is path.endswith("/events")
        headers = answer.headers["access-control-allow-headers"].lower().split(", ")
        assert {"content-type", "idempotency-key", "last-event-id", "if-none-match", "prefer"} <= set(headers)
        assert int(answer.headers["access-control-max-age"]) > 0

    def test_another_origin_is_told_nothing(self, ask: Callable[..., Answer]) -> None:
        answer = ask(
            "/channels/a/events",
            "OPTIONS",
            Origin="https://evil.example",
            Access_Control_Request_Method="POST",
        )
        answer.problem(403)
        assert not [name for name in answer.headers if name.startswith("access-control")]


class TestBehindAProxy:
    def test_any_name_will_do_and_the_page_under_that_name_over_tls_or_not(
        self, serve: Callable[..., ServerThread]
    ) -> None:
        with Connection(serve(behind_proxy=True).url) as connection:

            def status(host: str, origin: str) -> int:
                return connection.get("/healthz", headers={"Host": host, "Origin": origin}).status

            assert status("hub.example", "https://hub.example") == 200
            assert status("hub.example", "http://hub.example") == 200
            assert status("hub.example", "https://evil.example") == 403
            assert status("hub.example", "https://hub.example.evil.example") == 403
            assert connection.get("/healthz", headers={"Host": "hub.example"}).status == 200


class TestFrames:
    def test_a_page_may_be_framed_by_its_own_and_by_listed_origins_only(
        self, ask: Callable[..., Answer]
    ) -> None:
        *_, ancestors = ask("/").headers["content-security-policy"].split("; ")
        assert ancestors == f"frame-ancestors 'self' {LISTED}"

    def test_whose_pages_besides_can_be_said(self, things: Any) -> None:
        from .conftest import start

        server = things.enter_context(contextlib.closing(start(frame_ancestors=["http://localhost:*"])))
        with Connection(server.url) as connection:
            policy = connection.get("/").headers["content-security-policy"]
        assert policy.endswith("; frame-ancestors 'self' http://localhost:*")
