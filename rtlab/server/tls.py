"""TLS for a server: with a certificate of one's own, or with one made for development, which only its maker trusts."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from rtlab.errors import BadInput, Missing
from rtlab.guardian import temporary_folder

LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Development(NamedTuple):
    """A server's TLS, and the file of the authority that its clients have to trust (`cacert`)."""

    tls: ssl.SSLContext
    cacert: Path


def context(certificate: Path, key: Path | None = None) -> ssl.SSLContext:
    """TLS with a certificate chain and its private key (both PEM; the key may be in the same file).

    Raises BadInput for files that cannot be read, hold something else, or do not belong together.
    """
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    tls.set_alpn_protocols(["http/1.1"])  # the only one that is spoken here (RFC 7301)
    try:
        tls.load_cert_chain(certificate, key, password=lambda: b"")  # rather fail than ask at the terminal
    except (OSError, ssl.SSLError) as error:
        files = f"{certificate} and {key}" if key else f"{certificate}"
        raise BadInput(
            f"{files} cannot be used for TLS ({error}): give a certificate and its own key, in PEM, without a password"
        ) from None
    return tls


class Shared(NamedTuple):
    """Files of a certificate for development: the chain with its key, for servers, and the authority to trust."""

    certificate: Path
    cacert: Path


@contextlib.contextmanager
def development(names: Iterable[str] = ()) -> Iterator[Development]:
    """TLS for loopback, and for `names`, by an authority that is made now and forgotten at the end.

    Its certificate is in a temporary file for as long as the block lasts; its key is nowhere. Raises Missing.
    """
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.set_alpn_protocols(["http/1.1"])
    with _issued(names) as (made, cacert):
        made.configure_cert(tls)
        yield Development(tls, cacert)


@contextlib.contextmanager
def shared_development(names: Iterable[str] = ()) -> Iterator[Shared]:
    """As `development`, for several processes: the server's key is in a file, which nobody else may read."""
    with _issued(names) as (made, cacert):
        file = cacert.with_name("server.pem")
        file.touch(mode=0o600)
        made.private_key_and_cert_chain_pem.write_to_path(file)
        yield Shared(file, cacert)


@contextlib.contextmanager
def _issued(names: Iterable[str]) -> Iterator[tuple[Any, Path]]:
    """A certificate, and the file of its authority."""
    try:
        import trustme
    except ImportError:
        raise Missing("trustme", "lab") from None
    authority = trustme.CA(organization_name="rtlab, for development")
    with temporary_folder("rtlab-tls-") as folder:
        cacert = folder / "authority.pem"
        authority.cert_pem.write_to_path(cacert)
        yield authority.issue_cert(*dict.fromkeys((*LOOPBACK, *filter(None, names)))), cacert


@contextlib.contextmanager
def chosen(
    for_development: bool, certificate: Path | None, key: Path | None, names: Iterable[str]
) -> Iterator[ssl.SSLContext | None]:
    """What the command line asks for; None without TLS. Says where the authority is that clients have to trust."""
    if certificate is not None:
        yield context(certificate, key)
    elif key is not None:
        raise BadInput("a key alone is no use: give the certificate that belongs to it, with --tls-cert")
    elif for_development:
        with development(names) as made:
            tell(made.cacert)
            yield made.tls
    else:
        yield None


def tell(cacert: Path) -> None:
    """Say how clients come to trust a server for development."""
    print(f"rtlab: clients trust this server with --cacert {cacert}", flush=True)
