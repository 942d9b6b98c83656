"""Each parser must give the same whatever the pieces are in which its bytes arrive."""

from collections.abc import Callable, Iterator

import pytest

Cuts = Callable[[bytes], Iterator[list[bytes]]]


@pytest.fixture(scope="session")
def cuts() -> Cuts:
    """All the ways to feed some bytes: whole, byte by byte, in two pieces (with an empty one between) at every place.

    Of long data only the first and last places are tried: what lies between is payload.
    """

    def all_cuts(data: bytes) -> Iterator[list[bytes]]:
        yield [data]
        yield [data[place : place + 1] for place in range(len(data))]
        for place in {*range(min(len(data), 100)), *range(max(0, len(data) - 20), len(data))}:
            yield [data[:place], b"", data[place:]]

    return all_cuts
