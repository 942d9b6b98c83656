"""The client of the conformance suite, which these tests use too."""

from rtlab.conformance.raw import (
    KEY,
    SECONDS,
    Answer,
    Connection,
    Socket,
    Stream,
    check_document,
    check_problem,
)

__all__ = [
    "KEY",
    "SECONDS",
    "Answer",
    "Connection",
    "Socket",
    "Stream",
    "check_document",
    "check_problem",
]
