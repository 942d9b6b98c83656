"""RFC 8188 and RFC 8291: their examples byte for byte, and `http-ece` as the oracle."""

import random

import http_ece
import pytest

from rtlab.errors import BadInput
from rtlab.push.encryption import AUTH as AUTH_LENGTH
from rtlab.push.encryption import MAX_BODY, MAX_PLAINTEXT, decrypt, derive, encrypt
from rtlab.push.keys import new_key, point, private_key, public_key
from rtlab.push.records import decrypt_records, read_head, record_keys

from . import vectors as rfc


class TestRecords:  # RFC 8188
    def test_the_example_of_one_record_value_by_value(self):
        head = read_head(rfc.ONE_RECORD["body"])
        keys = record_keys(rfc.ONE_RECORD["ikm"], head.salt)
        assert (keys.prk, keys.key, keys.nonce) == tuple(
            rfc.ONE_RECORD[name] for name in ("prk", "cek", "nonce")
        )
        assert decrypt_records(rfc.ONE_RECORD["body"][head.length :], head.record_size, keys) == rfc.WALRUS

    def test_the_example_of_two_records_and_a_named_key(self):
        body = rfc.TWO_RECORDS["body"]
        head = read_head(body)
        assert (head.record_size, head.key_name) == (25, b"a1")
        keys = record_keys(rfc.TWO_RECORDS["ikm"], head.salt)
        assert decrypt_records(body[head.length :], head.record_size, keys) == rfc.WALRUS

    @pytest.mark.parametrize("size", [18, 19, 40, 4096])
    def test_any_record_size_gives_what_the_library_encrypted(self, size):
        secret, text = random.Random(size).randbytes(16), random.Random(0).randbytes(200)
        body = http_ece.encrypt(text, key=secret, rs=size)
        head = read_head(body)
        assert decrypt_records(body[head.length :], size, record_keys(secret, head.salt)) == text

    def test_records_that_are_swapped_cut_off_or_added_are_told(self):
        secret, text = bytes(16), bytes(range(60))
        body = http_ece.encrypt(text, key=secret, rs=37)
        head = read_head(body)
        keys, records = record_keys(secret, head.salt), body[head.length :]
        first, second, third = records[:37], records[37:74], records[74:]
        assert decrypt_records(first + second + third, 37, keys) == text
        for wrong in (second + first + third, first + second, third, records + bytes(37), records[:-1]):
            with pytest.raises(BadInput, match="record"):
                decrypt_records(wrong, 37, keys)

    @pytest.mark.parametrize("body", [b"", bytes(20), rfc.BODY[:50], bytes(16) + b"\0\0\0\x11\0"])
    def test_a_head_that_is_none_is_told(self, body):
        with pytest.raises(BadInput, match=r"head|record size"):
            read_head(body)


class TestMessages:  # RFC 8291
    device = private_key(rfc.DEVICE_PRIVATE, rfc.DEVICE_PUBLIC)

    def test_the_example_step_by_step_as_appendix_a_has_it(self):
        assert derive(self.device, rfc.SENDER_PUBLIC, rfc.AUTH, rfc.SALT)._asdict() == rfc.STEPS

    def test_the_example_is_decrypted(self):
        head = read_head(rfc.BODY)
        assert (head.salt, head.record_size, head.key_name) == (rfc.SALT, 4096, rfc.SENDER_PUBLIC)
        assert rfc.BODY[head.length :] == rfc.CIPHERTEXT
        assert decrypt(rfc.BODY, self.device, rfc.AUTH) == rfc.WATERMELON

    def test_the_library_that_encrypts_for_us_writes_the_example_byte_for_byte(self):
        sender = private_key(rfc.SENDER_PRIVATE, rfc.SENDER_PUBLIC)
        body = http_ece.encrypt(
            rfc.WATERMELON, salt=rfc.SALT, private_key=sender, dh=rfc.DEVICE_PUBLIC, auth_secret=rfc.AUTH
        )
        assert body == rfc.BODY

    def test_a_thousand_random_messages_are_the_same_to_us_and_to_the_library(self):
        chance = random.Random(8291)
        device = new_key()
        for _ in range(1000):
            text, auth = chance.randbytes(chance.randrange(MAX_PLAINTEXT + 1)), chance.randbytes(AUTH_LENGTH)
            body = encrypt(text, point(device), auth)
            assert http_ece.decrypt(body, private_key=device, auth_secret=auth) == text
            assert decrypt(body, device, auth) == text

    def test_no_two_messages_share_a_key_or_a_salt(self):
        device, auth = new_key(), bytes(16)
        heads = {read_head(encrypt(b"again", point(device), auth))[:3:2] for _ in range(5)}
        assert len(heads) == 5

    def test_the_largest_message_fits_and_one_byte_more_is_refused(self):
        device = new_key()
        assert (MAX_PLAINTEXT, MAX_BODY) == (3993, 4096)
        assert len(encrypt(bytes(MAX_PLAINTEXT), point(device), bytes(16))) == MAX_BODY
        with pytest.raises(BadInput, match="at most 3993"):
            encrypt(bytes(MAX_PLAINTEXT + 1), point(device), bytes(16))

    @pytest.mark.parametrize("at", [0, 15, 20, 21, 40, 86, 100, len(rfc.BODY) - 1])
    def test_a_bit_changed_in_salt_key_or_record_spoils_it(self, at):
        changed = bytearray(rfc.BODY)
        changed[at] ^= 1
        with pytest.raises(BadInput):
            decrypt(bytes(changed), self.device, rfc.AUTH)

    @pytest.mark.parametrize("length", range(0, len(rfc.BODY), 7))
    def test_a_message_cut_anywhere_is_told(self, length):
        with pytest.raises(BadInput):
            decrypt(rfc.BODY[:length], self.device, rfc.AUTH)

    def test_nobody_else_can_read_it(self):
        for private, auth in ((new_key(), rfc.AUTH), (self.device, bytes(16))):
            with pytest.raises(BadInput, match="not what was encrypted with this key"):
                decrypt(rfc.BODY, private, auth)

    def test_a_key_off_the_curve_is_refused_on_both_sides(self):
        off = bytearray(rfc.SENDER_PUBLIC)
        off[-1] ^= 1
        with pytest.raises(BadInput, match="not on the curve"):
            encrypt(b"", bytes(off), rfc.AUTH)
        with pytest.raises(BadInput, match="not on the curve"):
            decrypt(rfc.BODY[:21] + bytes(off) + rfc.BODY[86:], self.device, rfc.AUTH)

    @pytest.mark.parametrize("data", [b"", bytes(65), b"\x04" + bytes(63), b"\x02" + bytes(32)])
    def test_what_is_no_point_is_no_key(self, data):
        with pytest.raises(BadInput):
            public_key(data)

    def test_a_secret_of_another_length_is_refused(self):
        with pytest.raises(BadInput, match="16"):
            encrypt(b"", rfc.DEVICE_PUBLIC, bytes(15))
