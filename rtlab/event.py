"""What a log holds: events, the cursors between them, the gaps where some are missing, and their JSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, NamedTuple, NoReturn

from rtlab.errors import InvalidCursor, InvalidData

NAME = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)  # of a channel
MAX_NESTING = 100  # arrays and objects inside each other: what any reader's parser can follow
NEW = "new.0"  # the cursor of a channel that has no log yet: the start of the log to come


@dataclass(frozen=True)
class Event:
    """One thing that happened: its `id` (a cursor), wall-clock `time` (RFC 3339, UTC) and JSON `data`."""

    id: str
    time: str
    data: Any


@dataclass(frozen=True)
class Gap:
    """Events that a reader can no longer have: how many (None: cannot be known), and where it goes on."""

    missed: int | None
    cursor: str


class Cursor(NamedTuple):
    """A place in a log, written `LOGID.POSITION`. Opaque to clients.

    The position is how many events of the log are before it, in memory as in a Redis stream. A topic of Kafka
    has partitions: there it is `0.17`, a partition and the offset of the next record in it.
    """

    log: str
    position: int | str

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Read a cursor; raises InvalidCursor for anything that no log can have given."""
        match = re.fullmatch(r"([0-9a-z]{1,32})\.([0-9]{1,18})(\.[0-9]{1,18})?", text, re.ASCII)
        if match is None:
            raise InvalidCursor(text)
        return cls(match[1], match[2] + match[3] if match[3] else int(match[2]))

    def __str__(self) -> str:
        return f"{self.log}.{self.position}"


_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def encode_data(data: Any) -> bytes:
    """Data as compact JSON in UTF-8. Raises InvalidData for what JSON, or a reader's parser, cannot carry."""
    try:
        encoded = _JSON.encode(data).encode()
    except UnicodeEncodeError:
        raise InvalidData("a lone surrogate is not a character: send whole characters") from None
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidData(f"JSON cannot carry this data: {error}") from None
    if encoded.count(b"[") + encoded.count(b"{") > MAX_NESTING and _levels(data) > MAX_NESTING:
        raise InvalidData(f"the data is nested more than {MAX_NESTING} levels deep: flatten it")
    return encoded


def _levels(data: Any) -> int:
    """How many arrays and objects are inside each other, counted layer by layer, for recursion has a limit too."""
    levels, layer = 0, [data]
    while layer := [node for node in layer if isinstance(node, dict | list | tuple)]:
        levels += 1
        layer = [part for node in layer for part in (node.values() if isinstance(node, dict) else node)]
    return levels


def read_json(text: bytes | str) -> Any:
    """Any JSON text as data. Raises InvalidData: not JSON, not UTF-8, nested too deeply, NaN or Infinity."""
    try:
        # Left to itself json.loads would guess at UTF-16 and UTF-32, which RFC 8259 §8.1 does not have.
        text = text if isinstance(text, str) else text.decode("utf-8-sig")
        return json.loads(text, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise InvalidData(f"the JSON is not UTF-8: byte {error.start} is wrong") from None
    except json.JSONDecodeError as error:
        raise InvalidData(f"this is not JSON: {error.msg} at character {error.pos}") from None
    except RecursionError:
        raise InvalidData("the JSON is nested too deeply: flatten it") from None
    except InvalidData:
        raise
    except ValueError:
        raise InvalidData("the JSON has a whole number of too many digits: send it as a string") from None


def _no_number(name: str) -> NoReturn:
    raise InvalidData(f"{name} is not JSON (RFC 8259 §6): use null or a string")


def now() -> str:
    """The wall-clock time, RFC 3339 in UTC with milliseconds."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
