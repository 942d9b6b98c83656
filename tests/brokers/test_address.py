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
        ("kafka://app:S3cret@host:9092?keep_records=0", "give a number above 0"),
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


@pytest.mark.parametrize("kind", ["", "+cluster", "+sentinel"])
@pytest.mark.parametrize(
    ("scheme", "option", "told"),
    [
        ("redis", "colour=red", "'colour' is not an option"),
        ("redis", "socket_timeout=9", "'socket_timeout' is not an option"),
        ("redis", "keep_seconds=0", "keep_seconds=0: give a number above 0"),
        ("redis", "keep_seconds=week", "week"),
        ("redis", "ssl_ca_certs=ca.pem", "is for TLS: .* begins with rediss"),
        ("rediss", "ssl_ca_certs=/nowhere", "cannot be used for TLS"),
        ("rediss", "ssl_cert_reqs=never", "never"),
    ],
)
def test_an_option_that_cannot_be_meant_is_refused_before_anything_is_asked(
    kind: str, scheme: str, option: str, told: str
) -> None:
    with pytest.raises(BadInput, match=told):
        open_broker(f"{scheme}{kind}://127.0.0.1:1/0?{option}")
