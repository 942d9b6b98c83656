"""RFC 9457: problem details."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtlab.errors import BadInput
from rtlab.protocol.problem import CONTENT_TYPE, Problem

FULL = Problem(
    403,
    "Not enough credit",
    "The balance is 30, that costs 50",
    "https://example.com/credit",
    {"balance": 30},
)


def test_a_problem_is_a_json_object_with_the_members_of_the_standard_and_its_own() -> None:
    assert json.loads(FULL.to_json()) == {
        "type": "https://example.com/credit",
        "title": "Not enough credit",
        "status": 403,
        "detail": "The balance is 30, that costs 50",
        "balance": 30,
    }
    assert CONTENT_TYPE == "application/problem+json"


def test_a_problem_is_read_back() -> None:
    assert Problem.from_json(FULL.to_json()) == FULL
    assert Problem.from_json(Problem(404, "Not Found", "é \ud800").to_json()) == Problem(
        404, "Not Found", "é \ud800"
    )


def test_an_extension_cannot_take_the_place_of_a_member_of_the_standard() -> None:
    problem = Problem(
        404, "Not Found", "no such channel", extra={"status": 200, "title": "OK", "channel": "news"}
    )
    assert Problem.from_json(problem.to_json()) == Problem(
        404, "Not Found", "no such channel", extra={"channel": "news"}
    )


def test_a_problem_prints_on_one_line() -> None:
    assert str(Problem(404, "Not Found", "no such channel")) == "404 Not Found: no such channel"


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (b"{}", Problem(503, "", "")),
        (b'{"status": 404}', Problem(404, "", "")),
        (b'{"status": "404", "title": 7, "detail": null, "type": []}', Problem(503, "", "")),
        (b'{"status": true}', Problem(503, "", "")),
        (b'{"title": "Gone", "instance": "/a"}', Problem(503, "Gone", "", extra={"instance": "/a"})),
    ],
)
def test_a_member_that_is_missing_or_of_the_wrong_type_is_ignored(document: bytes, problem: Problem) -> None:
    assert Problem.from_json(document, status=503) == problem


def test_a_problem_without_any_status_has_0() -> None:
    assert Problem.from_json(b"{}").status == 0


@pytest.mark.parametrize(
    "document",
    [b"", b"[]", b'"a"', b"null", b"{", b"\xff", b'{"a": NaN}', b'{"a": ' + b"9" * 5000 + b"}", b"[" * 10**5],
)
def test_what_is_no_json_object_is_refused(document: bytes) -> None:
    with pytest.raises(BadInput, match="not a problem document"):
        Problem.from_json(document)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3)
    ),
    max_leaves=10,
)


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from(["type", "title", "status", "detail"]) | st.text(max_size=5), json_values)
)
def test_any_json_object_is_a_problem_that_can_be_written_and_read_again(members: dict[str, object]) -> None:
    problem = Problem.from_json(json.dumps(members).encode())
    assert Problem.from_json(problem.to_json()) == problem
