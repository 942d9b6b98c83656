"""What HTTP has for every resource: HEAD, OPTIONS, 404, 405, 413, problems; and who may ask (RFC 9110)."""

from __future__ import annotations

import pytest

from rtlab.conformance.conftest import Publish
from rtlab.conformance.raw import Answer, Connection

line = pytest.mark.contract
RESOURCES = ["/events", "/stream", "/socket", "/events/new.0", "/channels", "/metrics", "/healthz"]


@pytest.fixture(params=RESOURCES)
def resource(request: pytest.FixtureRequest, channel: str) -> str:
    """The path of each resource in turn."""
    path: str = request.param
    return path if path in RESOURCES[-3:] else channel + path


class TestMethods:
    @line("options")
    def test_options_says_what_may_be_asked(self, connection: Connection, resource: str) -> None:
        answer = connection.get(resource, "OPTIONS")
        assert answer.status in (200, 204)
        allowed = {method.strip() for method in answer.headers["allow"].split(",")}
        assert {"GET", "HEAD", "OPTIONS"} <= allowed
        assert ("POST" in allowed) is resource.endswith("/events")

    @line("405")
    @pytest.mark.parametrize("method", ["PUT", "DELETE"])
    def test_another_method_is_405_and_the_answer_says_which_there_are(
        self, method: str, connection: Connection, resource: str
    ) -> None:
        answer = connection.get(resource, method)
        answer.problem(405)
        assert "GET" in answer.headers["allow"]
        assert method not in answer.headers["allow"]

    @line("head")
    def test_head_is_what_get_would_answer_without_its_body(
        self, url: str, connection: Connection, resource: str
    ) -> None:
        head = connection.get(resource, "HEAD")
        with Connection(url) as other:
            other.ask(resource)
            status, _, headers = other.answer_head()
        assert head.status == status
        for name in ("content-type", "cache-control", "etag", "upgrade"):
            assert head.headers.get(name) == headers.get(name)
        assert connection.get("/healthz").status == 200

    @line("head")
    def test_head_does_not_wait(self, connection: Connection, channel: str, publish: Publish) -> None:
        (identity,) = publish("a")
        answer = connection.get(f"{channel}/events?after={identity}&wait=60", "HEAD")
        assert answer.status == 200
        assert answer.headers["etag"] == f'"{identity}"'


class TestProblems:
    @line("404")
    @pytest.mark.parametrize("path", ["/nothing-here", "/channels/a", "/channels/a/nothing", "/healthz/"])
    def test_what_is_not_there_is_404(self, path: str, connection: Connection) -> None:
        connection.get(path).problem(404)

    @line("413")
    def test_who_asks_before_sending_far_too_much_is_told(self, connection: Connection, channel: str) -> None:
        given = {"Content-Type": "application/json", "Expect": "100-continue"}
        given["Content-Length"] = str(10**12)
        connection.get(channel + "/events", "POST", given).problem(413)

    @line("413")
    def test_and_so_is_who_does_not_ask_before(self, connection: Connection, channel: str) -> None:
        connection.get("/healthz")  # with TLS, tickets may come before the first answer
        given = {"Content-Type": "application/json", "Content-Length": str(10**12)}
        connection.ask(channel + "/events", "POST", given)
        connection.send_until_answered(b"[" * (1 << 16))
        connection.answer().problem(413)

    @line("problem")
    def test_a_problem_says_what_was_wrong(self, connection: Connection, channel: str) -> None:
        answers = {
            400: connection.get(channel + "/events?after=nonsense"),
            404: connection.get("/nothing-here"),
            405: connection.get("/healthz", "DELETE"),
            426: connection.get(channel + "/socket"),
        }
        for status, answer in answers.items():
            assert answer.problem(status)
        assert "nonsense" in answers[400].json()["detail"]

    @line("malformed")
    @pytest.mark.parametrize(
        "head",
        [
            "nonsense\r\n\r\n",
            "GET /healthz HTTP/1.1\r\n\r\n",
            "GET /healthz HTTP/1.1\r\nHost: HOST\r\nHost: HOST\r\n\r\n",
            "GET /healthz HTTP/1.1\r\nHost: HOST\r\nX : a\r\n\r\n",
            "POST EVENTS HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n"
            "Content-Length: 1\r\nContent-Length: 2\r\n\r\n12",
            "POST EVENTS HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n"
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ],
        ids=[
            "no request",
            "no Host",
            "two Hosts",
            "space before the colon",
            "two lengths",
            "length and chunks",
        ],
    )
    def test_a_head_that_cannot_be_understood_is_400_or_the_end_of_the_connection(
        self, head: str, url: str, channel: str
    ) -> None:
        with Connection(url) as connection:
            events = f"{connection.base}{channel}/events"
            connection.send(head.replace("HOST", connection.host).replace("EVENTS", events))
            said = connection.first_line()
            assert not said or said.split(b" ", 2)[1] == b"400"


class TestOverviews:
    @line("channels")
    def test_channels_lists_those_that_have_a_log(
        self, connection: Connection, channel: str, publish: Publish
    ) -> None:
        publish("a", "b")
        rows = connection.get("/channels").json()["channels"]
        assert channel.rpartition("/")[2] in [row["name"] for row in rows]

    @line("healthz")
    def test_healthz_is_alive(self, connection: Connection) -> None:
        assert connection.get("/healthz").status == 200

    @line("metrics")
    def test_metrics_are_in_prometheuss_text_format(self, connection: Connection) -> None:
        answer = connection.get("/metrics")
        assert answer.status == 200
        assert answer.headers["content-type"].startswith(("text/plain", "application/openmetrics-text"))
        lines = [row for row in answer.body.decode().splitlines() if row and not row.startswith("#")]
        assert lines
        assert all(float(row.rsplit(" ", 1)[1]) is not None for row in lines)


class TestWhoMayAsk:
    PLACES = ("/events", "/stream", "/socket")

    @line("host")
    @pytest.mark.parametrize("place", PLACES)
    def test_another_name_is_refused(self, place: str, connection: Connection, channel: str) -> None:
        refused(connection.get(channel + place, headers={"Host": "evil.example"}))

    @line("origin")
    @pytest.mark.parametrize("place", PLACES)
    @pytest.mark.parametrize("origin", ["https://evil.example", "null"])
    def test_a_page_of_another_origin_is_refused(
        self, place: str, origin: str, connection: Connection, channel: str
    ) -> None:
        refused(connection.get(channel + place, headers={"Origin": origin}))
        given = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        refused(connection.get(channel + place, "OPTIONS", given))

    @line("origin")
    def test_a_page_of_another_origin_publishes_nothing(self, connection: Connection, channel: str) -> None:
        refused(connection.post(channel + "/events", "1", {"Origin": "https://evil.example"}))
        assert connection.get(channel + "/events?after=start").json()["cursor"] == "new.0"

    @line("token")
    def test_who_has_no_token_is_asked_for_one(self, connection: Connection, channel: str) -> None:
        if connection.token is None:
            pytest.skip("say --rtlab-token TOKEN to have this tried")
        for headers in ({"Authorization": ""}, {"Authorization": "Bearer something-else"}):
            for place in self.PLACES:
                answer = connection.get(channel + place, headers=headers)
                answer.problem(401)
                assert answer.headers["www-authenticate"]
            assert connection.post(channel + "/events", "1", headers).status == 401


def refused(answer: Answer) -> None:
    """Check that an answer is a refusal that a page could not read either."""
    assert 400 <= answer.status < 500
    assert "access-control-allow-origin" not in answer.headers
