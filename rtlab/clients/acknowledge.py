"""Who waits for which acknowledgement: a published message and the server's word that it has it."""

import itertools
import json
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from rtlab.errors import ServerError
from rtlab.protocol.problem import Problem


class Acknowledgements:
    """Matches `published` and `error` messages with those who wait for them, by their `ref`. For any thread."""

    def __init__(self) -> None:
        self._refs = itertools.count(1)
        self._awaited: dict[int, Future[str]] = {}

    @property
    def awaited(self) -> bool:
        """Whether anybody waits."""
        return bool(self._awaited)

    @contextmanager
    def expect(self) -> Iterator[tuple[int, "Future[str]"]]:
        """A new reference, and the future that will hold the published event's id."""
        ref, future = next(self._refs), Future[str]()
        self._awaited[ref] = future
        try:
            yield ref, future
        finally:
            del self._awaited[ref]

    def settle(self, message: dict[str, Any]) -> None:
        """Take a message that may acknowledge or refuse something."""
        match message:
            case {"type": "published", "ref": int(ref), "id": str(id)}:
                self._end(ref, id)
            case {"type": "error", "ref": int(ref), "problem": dict(members)}:
                problem = Problem.from_json(json.dumps(members).encode())
                self._end(ref, ServerError(problem.status, str(problem)))

    def fail(self, error: ServerError) -> bool:
        """Tell all who wait that nothing will come; False if there is nobody."""
        refs = list(self._awaited)
        for ref in refs:
            self._end(ref, error)
        return bool(refs)

    def _end(self, ref: int, outcome: str | ServerError) -> None:
        future = self._awaited.get(ref)
        if future is None or future.done():
            return
        if isinstance(outcome, str):
            future.set_result(outcome)
        else:
            future.set_exception(outcome)
