"""The wire contract as tests that know a server by its URL alone, whoever wrote it and in whatever language.

    pytest -p rtlab.conformance --pyargs rtlab.conformance --rtlab-url http://127.0.0.1:8080

`-p` makes the options known, `--pyargs` says where the tests are. `lines` has the contract, a sentence a line; each
test names the line that it holds a server to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """The server to test."""
    group = parser.getgroup("rtlab", "the wire contract")
    group.addoption("--rtlab-url", help="the server, as http://127.0.0.1:8080; without it one of rtlab's own")
    group.addoption("--rtlab-token", help="a token that may do everything, if the server wants one")
    group.addoption("--rtlab-cacert", help="who vouches for an https server, as a file of certificates")
    group.addoption("--rtlab-seconds", type=float, default=10.0, help="how long any answer may take (10)")
    group.addoption("--rtlab-window", type=int, help="how many events a channel keeps, to test what is lost")
    group.addoption(
        "--rtlab-heartbeat", type=float, help="seconds of silence before a sign of life, to test it"
    )
