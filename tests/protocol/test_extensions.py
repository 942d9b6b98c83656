"""RFC 6455, section 9.1: the grammar of `Sec-WebSocket-Extensions`."""

import pytest

from rtlab.errors import BadInput
from rtlab.protocol.extensions import Extension, read_extensions, write_extension

READ = {
    "a": [Extension("a")],
    "a, b": [Extension("a"), Extension("b")],
    "a;x;y=1;z=two": [Extension("a", (("x", None), ("y", "1"), ("z", "two")))],
    " a ; x = 1 ,\tb\t": [Extension("a", (("x", "1"),)), Extension("b")],
    'a; x="1"; y="t\\wo", b': [Extension("a", (("x", "1"), ("y", "two"))), Extension("b")],
    "a; x, a; x; x": [Extension("a", (("x", None),)), Extension("a", (("x", None), ("x", None)))],
    "": [],
    ", ,": [],
    ", a,, b,": [Extension("a"), Extension("b")],
}
FAULTS = [
    "a b",
    "a;",
    "a; ;x",
    "a; x=",
    "a=1",
    ";x",
    '"a"',
    'a; x="',
    'a; x="1',
    'a; x=""',
    'a; x="two words"',
    "a/b",
]


@pytest.mark.parametrize(("value", "extensions"), READ.items())
def test_a_header_is_read(value: str, extensions: list[Extension]) -> None:
    assert read_extensions([value]) == extensions
    assert read_extensions(["first", value, "last"]) == [Extension("first"), *extensions, Extension("last")]


@pytest.mark.parametrize("value", FAULTS)
def test_what_does_not_follow_the_grammar_is_refused(value: str) -> None:
    with pytest.raises(BadInput, match="Sec-WebSocket-Extensions"):
        read_extensions(["fine", value])


def test_an_extension_is_written_as_it_is_read() -> None:
    text = "permessage-deflate; client_no_context_takeover; server_max_window_bits=10"
    assert write_extension(*read_extensions([text])) == text


def test_a_long_header_takes_no_long_time() -> None:
    for value in ("a" + "; a" * 5000 + "\0", 'a; b="' + "\\" * 15001, "a" + " " * 16000 + "\0"):
        with pytest.raises(BadInput):
            read_extensions([value])
