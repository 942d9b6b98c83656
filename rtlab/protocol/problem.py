"""Problem details: what was wrong with a request, for programs and people (RFC 9457)."""

import json
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar

from rtlab.errors import BadInput

CONTENT_TYPE = "application/problem+json"

T = TypeVar("T")


@dataclass(frozen=True)
class Problem:
    """One problem: `title` names its kind, `detail` this occurrence, `extra` holds further members.

    With `type` "about:blank" the title is the status code's own phrase, such as "Not Found" (section 4.2.1).
    """

    status: int
    title: str
    detail: str
    type: str = "about:blank"
    extra: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {self.title}: {self.detail}"

    def to_json(self) -> bytes:
        """Write the document. A member of `extra` cannot take the place of one of the standard's."""
        members = {"type": self.type, "title": self.title, "status": self.status, "detail": self.detail}
        return json.dumps(members | {name: self.extra[name] for name in self.extra.keys() - members}).encode()

    @classmethod
    def from_json(cls, document: bytes, status: int = 0) -> "Problem":
        """Read a document; `status` is that of the HTTP answer, taken where the document names none.

        Raises `BadInput` for what is not a JSON object.
        """
        try:
            members = json.loads(document, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise BadInput(f"not a problem document: {error}") from None
        if not isinstance(members, dict):
            raise BadInput("not a problem document: a JSON object is needed")
        return cls(
            status=_take(members, "status", status),
            title=_take(members, "title", ""),
            detail=_take(members, "detail", ""),
            type=_take(members, "type", "about:blank"),
            extra=members,
        )


def _take(members: dict[str, Any], name: str, default: T) -> T:
    """Section 3.1: a member whose value is of the wrong type is ignored."""
    value = members.pop(name, default)
    return value if type(value) is type(default) else default


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
