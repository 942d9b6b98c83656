"""Exercise 12.3: a VAPID token with three faults."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rtlab.teach.card import Code
from rtlab.teach.checks import ValueCheck
from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show

NOW = 1_735_689_600  # 2025-01-01T00:00:00Z
ENDPOINT = "https://push.example.net/push/p/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV"
KEY = "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs"  # RFC 8292, section 2.4
HEADER = {"typ": "JWT", "alg": "ES256"}
CLAIMS = {"aud": ENDPOINT, "exp": NOW + 48 * 3600, "sub": "operator@example.org"}

PARTS: Mapping[str, str] = {
    "alg": "ES256 is what RFC 8292 asks for, and the only one.",
    "aud": "The audience is the push service's origin: scheme, host, and a port if there is one. Compare.",
    "exp": "It may lie 24 hours ahead at most: subtract.",
    "k": "65 bytes that begin with 4 are a point of P-256: such a key begins with `B` in base64url.",
    "sub": "A contact is a URL, `mailto:` or `https:` (RFC 8292, section 2.1). Look for the colon.",
    "typ": "A token says of itself that it is a JWT: it does.",
}
FAULTS = frozenset({"aud", "exp", "sub"})


class Faults(ValueCheck):
    """Compares a set of names with the three faults, and says which to look at again."""

    def __call__(self, answer: Any) -> None:
        """Report a name that is none, one that is in order, or that some are missing."""
        did, three = "read the names", f"a `set` of three of the names {', '.join(PARTS)}"
        if not isinstance(answer, set | frozenset | list | tuple) or not all(
            isinstance(one, str) for one in answer
        ):
            raise Wrong(did, show(answer), three)
        if strangers := sorted(set(answer) - PARTS.keys()):
            raise Wrong(did, show(strangers[0]), three)
        if fine := sorted(set(answer) - FAULTS):
            raise Wrong(
                f"looked at `{fine[0]}`", "nothing wrong with it", "a part that breaks a rule", PARTS[fine[0]]
            )
        if missing := sorted(FAULTS - set(answer)):
            wanted = "three: one more rule is broken" if len(missing) == 1 else "three: more rules are broken"
            raise Wrong(f"counted {len(set(answer))}", show(sorted(set(answer))), wanted, PARTS[missing[0]])


def shown() -> str:
    """The request as the student sees it, its token taken apart."""
    return (
        f"POST {ENDPOINT}\n"
        f"Authorization: vapid t=…, k={KEY}\n\n"
        f"t, first part   {json.dumps(HEADER)}\n"
        f"t, second part  {json.dumps(CLAIMS, indent=2)}\n"
        f"t, third part   a signature by the private half of k\n\n"
        f"now             {NOW}"
    )


def three_faults() -> Exercise:
    """Return 12.3."""
    return Exercise(
        id="12.3",
        title="three faults in one token",
        task="A push service answers this request with `403`. Name the three parts that break a rule of RFC 8292, as "
        f"in `faults = {{'…', '…', '…'}}`; the names are {', '.join(f'`{name}`' for name in PARTS)}.",
        name="faults",
        stub="faults = set()\n",
        reference="faults = {'aud', 'exp', 'sub'}\n",
        judge=Faults(),
        hints=(
            "For whom, until when, from whom: three claims. Compare each with the request and with the clock.",
            "An origin has no path. A day has 86,400 seconds. A contact that a program can use is a URL.",
        ),
        wrong=(
            WrongAnswer("faults = {'aud', 'exp', 'alg'}\n", "the only one"),
            WrongAnswer("faults = {'aud', 'exp'}\n", "one more rule is broken"),
            WrongAnswer("faults = {'aud', 'sub', 'k'}\n", "point of P-256"),
            WrongAnswer("faults = {'sub'}\n", "origin"),
        ),
        why="All three are easily made. The audience keeps a token that one push service has seen from being used at "
        "another, the end keeps a stolen one from being used for ever, and the contact is how the operator of the "
        "service asks you to slow down before blocking you.",
        shown=(Code(shown()),),
    )
