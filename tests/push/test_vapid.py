"""RFC 8292: its example, tokens of `py-vapid`, and every way to be refused."""

import pytest
from py_vapid import Vapid

from rtlab.errors import BadInput, Refused
from rtlab.push.keys import new_key, point, to_text
from rtlab.push.vapid import LONGEST, authorization, credentials, is_signed, key_text, read_token, verify

from . import vectors as rfc

KEY = new_key()
ENDPOINT = "http://127.0.0.1:8765/push/p/abc"
ORIGIN = "http://127.0.0.1:8765"
NOW = 1_700_000_000.0
EXAMPLE = f"vapid t={rfc.TOKEN}, k={rfc.TOKEN_KEY}"


def header(key=KEY, named=None, **claims):
    """A header with claims of our choice, signed with `key`, which it need not name."""
    wanted = {"aud": ORIGIN, "exp": int(NOW) + 60, "sub": "mailto:a@example.org", **claims}
    made = Vapid(private_key=key).sign(wanted)["Authorization"]
    return made if named is None else f"vapid t={credentials(made)[0]}, k={key_text(named)}"


def test_the_example_of_the_rfc_holds_until_its_last_second():
    found = verify(EXAMPLE, {rfc.TOKEN_ORIGIN}, rfc.TOKEN_EXPIRES - 1)
    assert to_text(found) == rfc.TOKEN_KEY
    with pytest.raises(Refused, match="expired 0 s ago"):
        verify(EXAMPLE, {rfc.TOKEN_ORIGIN}, rfc.TOKEN_EXPIRES)


def test_our_own_token_proves_our_key_and_says_whom_to_write_to():
    made = authorization(KEY, ENDPOINT, "mailto:a@example.org", lambda: NOW)
    assert verify(made, {ORIGIN}, NOW) == point(KEY)
    assert read_token(credentials(made)[0]).claims["sub"] == "mailto:a@example.org"
    assert Vapid.verify(made)  # the library's own check


@pytest.mark.parametrize(
    ("value", "status", "says"),
    [
        (None, 401, "wants to know who sends"),
        ("", 401, "vapid t=TOKEN"),
        ("Bearer abc", 401, "vapid"),
        (f"vapid t={rfc.TOKEN}", 401, "k=PUBLIC KEY"),
        (f"vapid k={rfc.TOKEN_KEY}", 401, "t=TOKEN"),
        (f"vapid t=a.b, k={rfc.TOKEN_KEY}", 403, "three parts"),
        (f"vapid t=a.b.c, k={rfc.TOKEN_KEY}", 403, "JSON object"),
        (f"vapid t={rfc.TOKEN}, k=abc", 403, "a public key is"),
        (header(aud="https://push.example.net"), 403, "its aud has to be http://127.0.0.1:8765"),
        (header(exp=int(NOW) - 1), 403, "expired 1 s ago"),
        (header(exp=int(NOW) + LONGEST + 3600), 403, "25.0 more hours: 24 at most"),
        (header(exp="tomorrow"), 403, "until when"),
        (header(exp=True), 403, "until when"),
        (header(named=new_key()), 403, "not signed with the key k"),
        (header()[:-30] + "A" * 30, 403, ""),
    ],
)
def test_what_is_missing_is_401_and_what_is_wrong_403(value, status, says):
    with pytest.raises(Refused) as refused:
        verify(value, {ORIGIN}, NOW)
    assert refused.value.status == status
    assert says in refused.value.detail
    assert ("WWW-Authenticate" in refused.value.headers) == (status == 401)


def test_a_token_whose_claims_were_changed_is_not_signed_any_more():
    text, _ = credentials(header())
    head, _, signature = text.split(".")
    claims = to_text(b'{"aud":"http://127.0.0.1:8765","exp":1700000099}')
    assert not is_signed(read_token(f"{head}.{claims}.{signature}"), KEY.public_key())


def test_no_other_algorithm_is_taken_least_of_all_none():
    _, claims, signature = credentials(header())[0].split(".")
    head = to_text(b'{"typ":"JWT","alg":"none"}')
    with pytest.raises(Refused, match="ES256 only"):
        verify(f"vapid t={head}.{claims}.{signature}, k={key_text(KEY)}", {ORIGIN}, NOW)


@pytest.mark.parametrize("contact", ["", "a@example.org", "mailto:", "http://example.org"])
def test_a_contact_that_nobody_could_write_to_is_refused_before_anything_is_signed(contact):
    with pytest.raises(BadInput, match="mailto:you@"):
        authorization(KEY, ENDPOINT, contact)


def test_an_endpoint_without_an_origin_is_refused():
    with pytest.raises(BadInput, match="no token"):
        authorization(KEY, "push/p/abc", "mailto:a@example.org")
