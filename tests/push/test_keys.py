"""Keys: read, written, and kept where nobody else can read them."""

import stat

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from rtlab.errors import BadInput
from rtlab.push.keys import (
    from_text,
    load_key,
    new_key,
    point,
    private_bytes,
    private_key,
    save_key,
    to_text,
    write_private,
)


@pytest.mark.parametrize("length", range(6))
def test_base64url_has_no_padding_and_is_read_with_or_without(length):
    data = bytes([251] * length)
    assert "=" not in to_text(data)
    assert from_text(to_text(data)) == data
    assert from_text(to_text(data) + "=" * (-len(to_text(data)) % 4)) == data


@pytest.mark.parametrize("text", ["a+b/", "a b", "ä", "abcde", "ab\ncd"])
def test_what_is_not_base64url_is_told(text):
    with pytest.raises(BadInput, match="base64url"):
        from_text(text)


def test_a_saved_key_is_its_owners_alone_and_comes_back(tmp_path):
    key, path = new_key(), tmp_path / "key.pem"
    save_key(path, key)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert private_bytes(load_key(path)) == private_bytes(key)
    assert list(tmp_path.iterdir()) == [path]


def test_writing_again_replaces_the_file_and_closes_one_that_was_open_to_all(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(b"old")
    path.chmod(0o644)
    write_private(path, b"new")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o600)


def test_a_private_key_knows_its_public_one():
    key = new_key()
    assert point(private_key(private_bytes(key), point(key))) == point(key)
    with pytest.raises(BadInput, match="do not belong together"):
        private_key(private_bytes(key), point(new_key()))
    with pytest.raises(BadInput, match="0 or too large"):
        private_key(bytes(32))


def test_a_file_that_has_no_key_is_told_without_its_contents(tmp_path):
    path = tmp_path / "key.pem"
    with pytest.raises(BadInput, match="rtlab push keys"):
        load_key(path)
    path.write_text("my password is hunter2")
    with pytest.raises(BadInput) as refused:
        load_key(path)
    assert "hunter2" not in str(refused.value)
    other = ec.generate_private_key(ec.SECP384R1())
    path.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(BadInput, match="P-256"):
        load_key(path)


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(BadInput, match="cannot write"):
        write_private(tmp_path / "no" / "such" / "folder", b"")
