"""The client of the conformance suite, which these tests use too."""

from rtlab.conformance.opened import HANDSHAKE, KEY, Socket, Stream
from rtlab.conformance.raw import SECONDS, Answer, Connection, check_document, check_problem

__all__ = [
    "HANDSHAKE",
    "KEY",
    "SECONDS",
    "Answer",
    "Connection",
    "Socket",
    "Stream",
    "check_document",
    "check_problem",
]
