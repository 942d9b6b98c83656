"""Exercise 11.2: whose token it is, and whether it opens this channel, now, here."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jwt

from rtlab.teach.checks import finish
from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show

KEY = "a-key-of-the-lesson-that-is-32-bytes-long"
AUDIENCE = "https://example.org"
MASTER = "correct-horse-battery-staple"
Bearer = Callable[[str, Any, str, str], Any]


class Compared(str):
    """A secret that counts how often it was compared by `==`, which stops at the first letter that differs."""

    times = 0

    def __eq__(self, other: object) -> bool:
        Compared.times += 1
        return str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__

    def encode(self, *how: Any) -> bytes:
        """Return bytes that are as watchful."""
        return _ComparedBytes(str.encode(self, *how))


class _ComparedBytes(bytes):
    def __eq__(self, other: object) -> bool:
        Compared.times += 1
        return bytes.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = bytes.__hash__


def check_bearer(bearer: Bearer) -> None:
    """Show it good tokens and bad ones, as they come off the wire."""
    Compared.times = 0
    claims = {"sub": "ann", "aud": AUDIENCE, "exp": time.time() + 60, "read": ["diary", "news"]}
    _accepts(bearer, "a good token of Ann's, for `news`", _signed(claims), "news", "ann")
    _accepts(bearer, "the operator's secret", MASTER, "diary", "operator")
    for what, token, channel, advice in _bad(claims):
        did = f"showed {what}"
        try:
            got = finish(bearer(token, Compared(MASTER), KEY, channel))
        except PermissionError:
            continue
        except (jwt.PyJWTError, LookupError, TypeError) as error:
            wanted = "`PermissionError`, whatever is wrong with it: who calls knows nothing of JWT"
            raise Wrong(did, f"`{type(error).__name__}`", wanted, advice) from None
        raise Wrong(did, show(got), "`PermissionError`", advice)
    if Compared.times:
        raise Wrong(
            "watched how the operator's secret was compared",
            "`==`, which takes the longer the more letters are right",
            "a comparison that takes the same time whatever differs",
            "Who can measure that time guesses letter by letter instead of all at once.",
        )


def _accepts(bearer: Bearer, what: str, token: str, channel: str, subject: str) -> None:
    did = f"showed {what}"
    try:
        got = finish(bearer(token, Compared(MASTER), KEY, channel))
    except (PermissionError, jwt.PyJWTError) as error:
        raise Wrong(did, f"`{type(error).__name__}: {error}`", "the name of whose token it is") from None
    if got != subject:
        raise Wrong(did, show(got), "the name of whose token it is, as text")


def _bad(claims: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """What must not be let in: what it is, the token, the channel, and what its bearer would gain."""
    now = time.time()
    return [
        ("a guess", "open-sesame", "diary", "That is no token at all."),
        (
            "a good token, its channel `salaries`",
            _signed(claims),
            "salaries",
            "It is Ann's and in order, and it names other channels.",
        ),
        (
            "a token that expired a minute ago",
            _signed(claims | {"exp": now - 60}),
            "diary",
            "What was stolen once would be good for ever.",
        ),
        (
            "a token without `exp`",
            _signed(_without(claims, "exp")),
            "diary",
            "A claim that is not there is not checked: it has to be required.",
        ),
        (
            "a token signed with another key",
            jwt.encode(claims, KEY[::-1], "HS256"),
            "diary",
            "Anybody can write claims. The signature says who did.",
        ),
        (
            "a token with `alg: none` and no signature",
            jwt.encode(claims, "", "none"),
            "diary",
            "The token says itself that it needs no signature: which algorithms there are is yours to say, never its.",
        ),
        (
            "a token made for https://other.example",
            _signed(claims | {"aud": "https://other.example"}),
            "diary",
            "Whoever runs that other server has seen this token, and comes to you with it.",
        ),
        (
            "a token without `sub`",
            _signed(_without(claims, "sub")),
            "diary",
            "It says nobody's name: `sub` is to be required as `exp` is.",
        ),
        (
            "a token without `read`",
            _signed(_without(claims, "read")),
            "diary",
            "It names no channel, so it opens none: neither all of them, nor is it an error of the server's.",
        ),
    ]


def _without(claims: dict[str, Any], name: str) -> dict[str, Any]:
    return {each: value for each, value in claims.items() if each != name}


def _signed(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, KEY, "HS256")


STUB = '''
import hmac
import jwt

AUDIENCE = "https://example.org"

def bearer(token, secret, key, channel):
    """Return whose token it is, if it opens the channel; raise PermissionError if it does not."""
    claims = jwt.decode(token, options={"verify_signature": False})
    return claims["sub"]
'''

REFERENCE = """
import hmac
import jwt

AUDIENCE = "https://example.org"

def bearer(token, secret, key, channel):
    if hmac.compare_digest(token.encode(), secret.encode()):
        return "operator"
    try:
        claims = jwt.decode(token, key, algorithms=["HS256"], audience=AUDIENCE, options={"require": ["exp", "sub"]})
    except jwt.InvalidTokenError as error:
        raise PermissionError(str(error))
    if channel not in claims.get("read", []):
        raise PermissionError("not this channel")
    return claims["sub"]
"""


def check_the_token() -> Exercise:
    """Return 11.2."""

    def instead(old: str, new: str) -> str:
        assert old in REFERENCE
        return REFERENCE.replace(old, new)

    verified = (
        'jwt.decode(token, key, algorithms=["HS256"], audience=AUDIENCE, options={"require": ["exp", "sub"]})'
    )
    believing = (
        'jwt.decode(token, options={"verify_signature": False, "verify_exp": True, "verify_aud": True, '
        '"require": ["exp"]}, audience=AUDIENCE)'
    )
    obedient = (
        'jwt.decode(token, key if jwt.get_unverified_header(token)["alg"] != "none" else None, '
        'algorithms=[jwt.get_unverified_header(token)["alg"]], audience=AUDIENCE, '
        'options={"require": ["exp", "sub"], "verify_signature": jwt.get_unverified_header(token)["alg"] != "none"})'
    )
    return Exercise(
        id="11.2",
        title="whose token? (modify)",
        task="This `bearer` believes every token. Change it: whoever runs the server, its operator, has the plain "
        "`secret`, which opens everything, and is called `operator`; everybody else shows a JSON Web Token, signed "
        "with `key` (HS256), with `sub`, `exp`, an `aud` that is `AUDIENCE`, and the channels that it opens in `read`. "
        "Return whose it is, or raise `PermissionError`; a token that lacks one of the four claims is no good either.",
        name="bearer",
        stub=STUB,
        reference=REFERENCE,
        judge=check_bearer,
        hints=(
            "PyJWT does the work if it is told what to insist on: `jwt.decode(token, key, algorithms=[…], audience=…, "
            "options={'require': […]})`, and raises `jwt.InvalidTokenError` otherwise. What it cannot know "
            "is the channel.",
            "Never take the algorithm from the token. A claim that is missing is only noticed if it is required. And "
            "for the secret there is `hmac.compare_digest`, which wants both sides as bytes.",
        ),
        wrong=(
            WrongAnswer(instead(verified, believing), "The signature says who did"),
            WrongAnswer(instead(verified, obedient), "never its"),
            WrongAnswer(
                instead('{"require": ["exp", "sub"]}', '{"require": ["sub"], "verify_exp": False}'),
                "good for ever",
            ),
            WrongAnswer(instead(', options={"require": ["exp", "sub"]}', ""), "has to be required"),
            WrongAnswer(instead('{"require": ["exp", "sub"]}', '{"require": ["exp"]}'), "nobody's name"),
            WrongAnswer(instead('claims.get("read", [])', 'claims["read"]'), "names no channel"),
            WrongAnswer(
                instead(
                    'if channel not in claims.get("read", [])',
                    'if channel not in claims.get("read", [channel])',
                ),
                "names no channel",
            ),
            WrongAnswer(
                instead("audience=AUDIENCE, options={", 'options={"verify_aud": False, '),
                "comes to you with it",
            ),
            WrongAnswer(
                instead(
                    '    if channel not in claims.get("read", []):\n'
                    '        raise PermissionError("not this channel")\n',
                    "",
                ),
                "names other channels",
            ),
            WrongAnswer(
                instead("hmac.compare_digest(token.encode(), secret.encode())", "token == secret"),
                "letter by letter",
            ),
            WrongAnswer(
                instead("        raise PermissionError(str(error))\n", "        raise\n"), "nothing of JWT"
            ),
        ),
        limit=10.0,
        why="Signature, end, audience, channel: each of the four stops somebody whom the other three let through. The "
        "algorithm is the server's to choose, for a token that may say how it is checked checks itself.",
    )
