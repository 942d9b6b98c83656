"""How a Kafka is connected to: TLS and SASL as its address has them; and what goes wrong there, in sentences."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, cast
from urllib.parse import unquote

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaError,
    KafkaStorageError,
    KafkaTimeoutError,
    NotEnoughReplicasAfterAppendError,
    NotEnoughReplicasError,
    RequestTimedOutError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnsupportedSaslMechanismError,
)
from aiokafka.helpers import create_ssl_context

from rtlab.errors import BadInput, Unavailable

ANSWER_SECONDS = 5.0  # that a connection or an answer may take
PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")  # those that a name and a password are enough for
FILES = {
    "ssl_cafile": "cafile",
    "ssl_certfile": "certfile",
    "ssl_keyfile": "keyfile",
}  # option → of create_ssl_context


def connection_options(
    hosts: str, given: dict[str, str], user: str | None, password: str | None, answer_seconds: float
) -> dict[str, Any]:
    """What the client library wants to know, from an address's parts. Raises BadInput."""
    options: dict[str, Any] = {
        "bootstrap_servers": hosts.split(","),
        "request_timeout_ms": int(answer_seconds * 1000),
        "security_protocol": given.pop("security_protocol", "SASL_PLAINTEXT" if user else "PLAINTEXT"),
        "sasl_mechanism": given.pop("sasl_mechanism", "PLAIN"),
    }
    if user is not None:
        options |= {"sasl_plain_username": unquote(user), "sasl_plain_password": unquote(password or "")}
    files = {option: given.pop(option) for option in FILES if option in given}
    if given:
        raise BadInput(f"{next(iter(given))!r} is not an option of a Kafka's address: see docs/scaling.md")
    for option, known in (("security_protocol", PROTOCOLS), ("sasl_mechanism", MECHANISMS)):
        if options[option] not in known:
            raise BadInput(f"{option}={options[option]} is not known: give one of {', '.join(known)}")
    if options["security_protocol"].startswith("SASL") and user is None:
        raise BadInput("who logs in to a Kafka needs a name: give kafka://USER:PASSWORD@HOST:PORT")
    if options["security_protocol"].endswith("SSL"):
        options["ssl_context"] = _tls(files)
    elif files:
        raise BadInput(f"{next(iter(files))} is for TLS: give security_protocol=SSL or SASL_SSL as well")
    return options


def _tls(files: dict[str, str]) -> ssl.SSLContext:
    try:
        context: ssl.SSLContext = create_ssl_context(
            **{FILES[option]: path for option, path in files.items()}
        )
    except (OSError, ssl.SSLError) as error:
        raise BadInput(
            f"{', '.join(files.values())} cannot be used for TLS ({error}): give PEM files"
        ) from None
    return context


class HungUp(OSError):
    """Somebody is there, and closes the connection."""


async def why_not(options: dict[str, Any]) -> Exception | None:
    """What is wrong with a cluster that no client can be started for: the library only writes it into its log."""
    options = dict(options)
    for host, port, _family in collect_hosts(options.pop("bootstrap_servers")):
        try:
            connection = await create_conn(host, port, **options)
        except KeyError:  # the last message of SCRAM has no signature (RFC 5802 §7) but a reason to refuse
            return cast(Exception, SaslAuthenticationFailed("SCRAM"))
        except KafkaConnectionError:
            return HungUp()
        except KafkaError as refusal:
            return cast(Exception, refusal)
        except (OSError, asyncio.TimeoutError) as error:
            if not isinstance(error, ConnectionError):  # somebody is there; otherwise the next may say more
                return error
        else:
            connection.close()
    return None


def named(error: BaseException, address: str) -> Unavailable:
    """What went wrong, as a sentence that says what to do."""
    match error:
        case Unavailable():
            return error
        case AuthenticationFailedError() | SaslAuthenticationFailed():
            text = "refuses the password: give it as kafka://USER:PASSWORD@HOST:PORT"
        case UnsupportedSaslMechanismError() | IllegalSaslStateError():
            text = "does not let in by that sasl_mechanism: give the one that it has, or security_protocol"
        case TopicAuthorizationFailedError():
            text = "does not let this user at the topic: allow it to read, write and describe it"
        case KafkaStorageError():
            text = "cannot write to its disk: make room there"
        case NotEnoughReplicasError() | NotEnoughReplicasAfterAppendError():
            text = "has too few replicas in sync: start those that are away, or lower min.insync.replicas"
        case HungUp():
            text = "hangs up: it may expect TLS, or a login of another kind; see security_protocol, sasl_mechanism"
        case ssl.SSLCertVerificationError():
            text = (
                f"shows a certificate that cannot be trusted ({error.verify_message}): name its authority with "
                "ssl_cafile=FILE, and the host as the certificate has it"
            )
        case ssl.SSLError():
            text = f"does not speak TLS as this client does ({error.reason}): see security_protocol"
        case (
            asyncio.TimeoutError() | KafkaTimeoutError() | RequestTimedOutError()
        ):  # an OSError since Python 3.11
            text = f"does not answer within {ANSWER_SECONDS:g} s: see whether it runs and can be reached"
        case KafkaConnectionError() | OSError():
            text = "cannot be reached: start it, or give the address of one that runs with --broker"
        case _:
            text = f"answers with an error: {type(error).__name__} {str(error)[:200]}"
    return Unavailable(f"{address} {text}", 1.0)
