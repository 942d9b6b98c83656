"""What is wrong with a broker's address is told with the address, and without the password in it."""

from __future__ import annotations

import pytest

from rtlab.brokers import open_broker
from rtlab.errors import BadInput


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("redis+sentinal://app:S3cret@host:6379", "redis\\+sentinal://\\*\\*\\*@host:6379"),
        ("redis://app:S3cret@", "give redis://HOST:PORT"),
        ("redis://app:S3cret@[::1", "Invalid IPv6"),
        ("redis://app:S3cret@ho\u2100st:6379", "NFKC"),
        ("redis://app:S3cret/more@host:6379", "%2F"),
        ("redis://app:p@S3cret/more@host:6379", "%2F"),
        ("redis://app:S3cret@host:port", "host:port"),
        ("kafka://app:S3cret@", "give kafka://HOST:PORT"),
        ("kafka://app:S3cret@host:9092?partitions=many", "many"),
        ("kafka://app:nothing?S3cret@host:9092", "bad query field|is not the address"),
        ("kafka://app:S3cret#more@host:9092", "%23"),
        ("amqp://app:S3cret@host", "amqp://\\*\\*\\*@host"),
        ("app:S3cret@host", "\\*\\*\\*@host"),
    ],
)
def test_a_password_is_not_told(address: str, told: str) -> None:
    with pytest.raises(BadInput, match=told) as raised:
        open_broker(address)
    assert "S3cret" not in str(raised.value)
