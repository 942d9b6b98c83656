"""Exercise 11.1: who is refused, by `Host` and `Origin`, on a real server before which everybody knocks."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tornado.httputil import HTTPServerRequest
from tornado.web import HTTPError, RequestHandler

from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.lesson_11.hosting import Hosted
from rtlab.teach.lesson_11.visitors import PUBLISHES, READS, Visitor, knock
from rtlab.teach.outcome import Wrong, show

OWN = "example.org"
RESOURCE = "/channels/diary"
Refusal = Callable[[HTTPServerRequest], Any]


@dataclass(frozen=True)
class Scene:
    """A visitor, and what is said to whom lets the wrong one in or locks the right one out."""

    visitor: Visitor
    advice: str


def _friend(who: str, tries: str, origin: str | None, advice: str) -> Scene:
    return Scene(Visitor(who, tries, origin, OWN, friend=True), advice)


def _stranger(who: str, tries: str, origin: str | None, advice: str, host: str = OWN) -> Scene:
    return Scene(Visitor(who, tries, origin, host), advice)


SCENES = (
    _friend("the page of https://example.org", PUBLISHES, f"https://{OWN}", "That is the server's own page."),
    _friend(
        "the page of https://calendar.example.net, which is in `LISTED`",
        PUBLISHES,
        "https://calendar.example.net",
        "Who is listed may use the server as its own page may.",
    ),
    _friend(
        "a script, which sends no `Origin`",
        READS,
        None,
        "No `Origin`: a program, a page that reads what is its own, or another site's page that can send and not read "
        "(a picture, a link). So a `GET` must change nothing, and whether a program may read is for a token to say.",
    ),
    _stranger("a page of https://evil.test", PUBLISHES, "https://evil.test", "Its `Origin` is in no list."),
    _stranger(
        "a page of https://example.org.evil.test",
        PUBLISHES,
        "https://example.org.evil.test",
        "Anybody can have a name that begins like yours.",
    ),
    _stranger(
        "a page of https://evil-example.org",
        PUBLISHES,
        "https://evil-example.org",
        "Anybody can have a name that ends like yours.",
    ),
    _stranger(
        "a page of http://example.org, without TLS",
        PUBLISHES,
        "http://example.org",
        "An origin is scheme, name and port. Without TLS whoever sits on the way can write that page.",
    ),
    _stranger(
        "a page of https://example.org:8443",
        PUBLISHES,
        "https://example.org:8443",
        "An origin is scheme, name and port: on another port there is another server.",
    ),
    _stranger(
        "a sandboxed frame, whose origin is `null`",
        PUBLISHES,
        "null",
        "`null` is what everybody's sandboxed frame says, and it is not the same as no `Origin`.",
    ),
    _stranger(
        "a page of evil.test, whose name now points at your server (DNS rebinding),",
        READS,
        None,
        "A page's `GET` to what the browser takes for its own server has no `Origin`. Which header tells?",
        "evil.test",
    ),
    _stranger(
        "a page of evil.test, whose name now points at your server (DNS rebinding),",
        PUBLISHES,
        "https://evil.test",
        "Its `Origin` fits its `Host`, for both are its own. What must `Host` be?",
        "evil.test",
    ),
)


def check_refusal(refusal: Refusal) -> None:
    """Put the answer before a real server, and let everybody knock."""
    returned: list[Any] = []

    class Guarded(RequestHandler):
        async def prepare(self) -> None:
            returned.append(status := await _asked(refusal, self.request))
            if status is not None:
                raise HTTPError(status if type(status) is int and 400 <= status < 500 else 500)

        def get(self) -> None:
            self.write({})

        post = get

    with Hosted([(f"{RESOURCE}/events", Guarded)], "exercise 11.1") as server:
        for scene in SCENES:
            returned.clear()
            status = knock(server.url, scene.visitor.request(OWN, RESOURCE, "https"))
            if isinstance(returned[-1], Exception):
                raise returned[-1]
            _judge(scene, status, returned[-1])


async def _asked(refusal: Refusal, request: HTTPServerRequest) -> Any:
    """What it returns, plain or `async`; the status with which it refuses as a handler does; else what it raises."""
    try:
        answer = refusal(request)
        return await answer if inspect.isawaitable(answer) else answer
    except HTTPError as error:
        return error.status_code
    except Exception as error:
        return error


def _judge(scene: Scene, status: int, returned: Any) -> None:
    visitor = scene.visitor
    did = f"let {visitor.who} knock: it {visitor.tries.partition(',')[0]}"
    if returned is not None and (type(returned) is not int or not 400 <= returned < 500):
        raise Wrong(
            did, show(returned), "`None`, which lets it in, or a status that refuses: 400 to 499, as a number"
        )
    if visitor.friend and returned is not None:
        came = f"It came with `Host: {OWN}` and "
        came += f"`Origin: {visitor.origin}`. " if visitor.origin else "without `Origin`. "
        raise Wrong(did, f"refused with `{status}`", "let in", came + scene.advice)
    if not visitor.friend and returned is None:
        raise Wrong(did, "let in", "refused", scene.advice)


STUB = '''
OWN = "https://example.org"
LISTED = {"https://calendar.example.net"}

def refusal(request):
    """Return None to let a request in, or the status to refuse it with."""
    host, origin = request.host, request.headers.get("Origin")
    return None
'''

REFERENCE = """
OWN = "https://example.org"
LISTED = {"https://calendar.example.net"}

def refusal(request):
    host, origin = request.host, request.headers.get("Origin")
    if host != "example.org":
        return 403
    if origin is not None and origin != OWN and origin not in LISTED:
        return 403
"""


def close_the_holes() -> Exercise:
    """Return 11.1."""
    known = "origin != OWN and origin not in LISTED"

    def instead(test: str) -> str:
        changed = REFERENCE.replace(f"origin is not None and {known}", test)
        assert changed != REFERENCE
        return changed

    begins = "not origin.startswith((OWN, *LISTED))"
    return Exercise(
        id="11.1",
        title="close the holes (modify)",
        task="A server is reached as `https://example.org`; pages of that origin, and of those in `LISTED`, may use "
        "it, and so may programs that are no browser (their tokens are looked at later). Change `refusal(request)`: "
        "it returns `None` to let a request in, or a status such as `403`. `request.host` is what `Host` says. The "
        "check puts it before a real server and lets friends and strangers knock.",
        name="refusal",
        stub=STUB,
        reference=REFERENCE,
        judge=check_refusal,
        hints=(
            "Two questions, and each has its header. Does the browser think that it talks to *this* server? Does a "
            "page ask that may?",
            "Compare whole values, never parts of them: `Host` with the one name that is yours; `Origin`, *where there "
            "is one*, with your own and the listed ones. `https://example.org` is on the port that needs no writing.",
        ),
        wrong=(
            WrongAnswer(instead(f"origin is not None and {begins}"), "begins like yours"),
            WrongAnswer(
                instead("origin is not None and not origin.endswith(('example.org', 'example.net'))"),
                "ends like yours",
            ),
            WrongAnswer(
                instead("origin is not None and 'example.org' not in origin and origin not in LISTED"),
                "begins like yours",
            ),
            WrongAnswer(instead(known), "can send and not read"),
            WrongAnswer(
                REFERENCE.replace('host != "example.org"', "host != OWN"), "`Host: example.org` and `Origin"
            ),
            WrongAnswer(
                REFERENCE.replace('"example.org"', '"example.org:443"'),
                "`Host: example.org` and `Origin: https://example.org`",
            ),
            WrongAnswer(instead(f"origin not in (None, 'null') and {known}"), "everybody's sandboxed frame"),
            WrongAnswer(
                instead("origin is not None and origin.replace('http:', 'https:') not in {OWN, *LISTED}"),
                "Without TLS",
            ),
            WrongAnswer(
                REFERENCE.replace('    if host != "example.org":\n        return 403\n', ""), "Which header"
            ),
            WrongAnswer(
                instead(
                    "origin is not None and origin != 'https://' + host and origin not in LISTED"
                ).replace('host != "example.org"', "False"),
                "Which header",
            ),
            WrongAnswer(REFERENCE.replace("return 403", "return True"), "as a number"),
        ),
        why="Whole values on both sides, and nothing is left to clever matching. `Host` says that the browser means "
        "this server, `Origin` that a page asks which may; for who is no browser neither is a proof.",
        limit=15.0,
    )
