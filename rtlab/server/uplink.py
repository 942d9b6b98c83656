"""What a client says on a socket: it publishes an event, and is told the event's id or what was wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from rtlab.errors import InvalidData, LimitExceeded, RtlabError
from rtlab.event import encode_data, read_json
from rtlab.server.fanout import Channel
from rtlab.server.forms import message
from rtlab.server.handler import describe


async def publish(channel: Channel, text: str, admit: Callable[[], None]) -> bytes:
    """Append the event in `text`; the answer, in a frame: `published` with its id, or `error` with a problem.

    `admit()` raises LimitExceeded for a client that publishes too fast. That is raised on: no answer would help.
    """
    ref = None
    try:
        request = read_json(text)
        if not isinstance(request, dict) or request.get("type") != "publish" or "data" not in request:
            raise InvalidData('send {"type": "publish", "data": …, "ref": …}')
        encode_data(request.get("ref"))  # it must come back as it went
        ref, key = request.get("ref"), request.get("key")
        if key is not None and not isinstance(key, str):
            raise InvalidData("the key is not a string")
        admit()
        channel.check(request["data"])
        event, _ = await channel.append(request["data"], key)
    except RtlabError as error:
        if isinstance(error, LimitExceeded) and error.limit == "publish_rate":
            raise
        return refusal(ref, error)
    return message("published", ref=ref, id=event.id)


def refusal(ref: Any, error: RtlabError) -> bytes:
    """An error message to the client whose message `ref` cannot be done."""
    document, _ = describe(error)
    return message("error", ref=ref, problem=json.loads(document.to_json()))
