"""What HTTP has for every resource: HEAD, OPTIONS, 404, 405, and the head of an answer (RFC 9110)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ..raw import Connection

CHANNEL_RESOURCES = ("/events", "/stream", "/socket")
RESOURCES = ("/channels", "/metrics", "/healthz", "/")


@pytest.fixture(params=[*CHANNEL_RESOURCES, "/events/new.0", *RESOURCES])
def resource(request: pytest.FixtureRequest, channel: str) -> str:
    """The path of each resource in turn."""
    path: str = request.param
    return path if path in RESOURCES else channel + path


class TestMethods:
    def test_options_says_what_may_be_asked(self, connection: Connection, resource: str) -> None:
        answer = connection.get(resource, "OPTIONS")
        assert answer.status == 204
        allowed = "GET, HEAD, POST, OPTIONS" if resource.endswith("/events") else "GET, HEAD, OPTIONS"
        assert answer.headers["allow"] == allowed
        assert "content-length" not in answer.headers

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "BREW", "get"])
    def test_another_method_is_405_and_the_answer_says_which_there_are(
        self, method: str, connection: Connection, resource: str
    ) -> None:
        connection.ask(resource, method)
        answer = connection.answer()
        detail = answer.problem(405)
        assert "GET" in answer.headers["allow"]
        assert method in detail
        assert answer.headers["allow"] in detail

    @pytest.mark.parametrize("body", ["", "{}", "x" * 300_000])
    def test_posting_elsewhere_than_to_events_is_405(
        self, body: str, connection: Connection, resource: str
    ) -> None:
        if not resource.endswith("/events"):
            assert "POST" in connection.post(resource, body).problem(405)
            assert connection.get("/healthz").status == 200

    def test_head_is_what_get_would_answer_without_its_body(
        self, connection: Connection, resource: str
    ) -> None:
        head = connection.get(resource, "HEAD")
        connection.ask(resource)
        status, _, headers = connection.answer_head()
        assert head.status == status
        changing = {"date", "transfer-encoding", "content-length"}
        assert {k: v for k, v in head.headers.items() if k not in changing} == {
            k: v for k, v in headers.items() if k not in changing
        }

    def test_head_does_not_wait(self, connection: Connection, channel: str, publish: Any) -> None:
        (identity,) = publish("a")
        answer = connection.get(f"{channel}/events?after={identity}&wait=20", "HEAD")
        assert answer.status == 200
        assert answer.headers["etag"] == f'"{identity}"'
        assert int(answer.headers["content-length"]) > 0
        tag = {"If-None-Match": f'"{identity}"'}
        assert connection.get(f"{channel}/events?wait=20", "HEAD", tag).status == 304
        assert connection.get(f"{channel}/events/{identity}", "HEAD").status == 200
        assert connection.get(f"{channel}/events?after=nonsense", "HEAD").status == 400


class TestNotFound:
    @pytest.mark.parametrize(
        "path",
        [
            "/x",
            "/channels/",
            "/channels/a",
            "/channels/a/",
            "/channels//events",
            "/channels/a/b",
            "/channels/a/events/",
            "/channels/a/events/b/c",
            "/channels/a/stream/",
            "/healthz/",
            "//",
            "/%41%25s%d",
            "*",
        ],
    )
    @pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
    def test_any_other_path_is_404_and_the_answer_says_where_channels_are(
        self, path: str, method: str, connection: Connection
    ) -> None:
        answer = connection.post(path, "{}") if method == "POST" else connection.get(path, method)
        detail = answer.problem(404)
        assert path in detail
        assert "/channels/NAME/events" in detail


class TestHeads:
    def test_every_answer_says_who_answers_and_not_what_it_is_built_of(
        self, connection: Connection, resource: str
    ) -> None:
        for method in ("OPTIONS", "DELETE", "HEAD"):
            answer = connection.get(resource, method)
            assert answer.headers["server"] == "rtlab"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", answer.headers["date"])

    def test_an_answer_that_changes_is_not_kept_by_caches(
        self, connection: Connection, channel: str, publish: Any
    ) -> None:
        publish("a")
        for path in (channel + "/events", "/channels", "/healthz"):
            assert connection.get(path).headers["cache-control"] in ("no-cache", "no-store")

    def test_a_connection_is_used_again(self, connection: Connection, channel: str) -> None:
        for _ in range(5):
            assert connection.get(channel + "/events?after=nonsense").status == 400
            assert connection.get("/nothing").status == 404
            assert connection.get("/healthz", "DELETE").status == 405
            assert connection.post(channel + "/events", "{", {}).status == 400
            assert connection.get("/healthz").status == 200

    def test_http_1_0_is_answered_and_then_hung_up_on(self, connection: Connection) -> None:
        connection.ask("/healthz", version="1.0")
        assert connection.answer().json() == {"status": "ok"}
        assert connection.ended()

    def test_connection_close_is_respected(self, connection: Connection) -> None:
        answer = connection.get("/healthz", headers={"Connection": "close"})
        assert answer.headers["connection"] == "close"
        assert connection.ended()


class TestOverviews:
    def test_channels_lists_those_that_have_a_log(
        self, connection: Connection, channel: str, publish: Any
    ) -> None:
        ids = publish("a", "b")
        rows = connection.get("/channels").json()["channels"]
        (row,) = [row for row in rows if row["name"] == channel.rpartition("/")[2]]
        assert row["cursor"] == ids[-1]
        assert row["events"] == 2
        assert row["bytes"] > 0
        assert (row["readers"], row["held"]) == (0, 0)
        assert [r["name"] for r in rows] == sorted(r["name"] for r in rows)

    def test_healthz_is_alive(self, connection: Connection) -> None:
        assert connection.get("/healthz").json() == {"status": "ok"}

    def test_the_front_page_may_load_nothing_from_elsewhere(self, connection: Connection) -> None:
        answer = connection.get("/")
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.body.lower().startswith(b"<!doctype html>")
