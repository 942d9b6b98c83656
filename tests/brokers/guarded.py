"""A redis-server of the system's that speaks TLS and nothing else: the Valkey of the wheel was built without."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import trustme

from rtlab.brokers.embedded import EmbeddedRedis

SERVER = shutil.which("redis-server")
needs_redis = pytest.mark.skipif(
    SERVER is None, reason="the wheel's Valkey has no TLS: apt-get install redis-server"
)


class Files(NamedTuple):
    """The certificate of a server on 127.0.0.1, its key, and the authority that both ends trust."""

    certificate: Path
    key: Path
    cacert: Path

    @classmethod
    def made(cls, folder: Path) -> Files:
        """Of an authority that is forgotten at once."""
        files = cls(folder / "cert.pem", folder / "key.pem", folder / "authority.pem")
        authority = trustme.CA()
        made = authority.issue_cert("127.0.0.1")
        made.cert_chain_pems[0].write_to_path(files.certificate)
        made.private_key_pem.write_to_path(files.key)
        authority.cert_pem.write_to_path(files.cacert)
        return files

    def settings(self, port: int) -> dict[str, Any]:
        """What a server has to be told so that it speaks TLS on a port, also with its like."""
        return {
            "port": 0,
            "tls_port": port,
            "tls_auth_clients": "no",
            "tls_cert_file": self.certificate,
            "tls_key_file": self.key,
            "tls_ca_cert_file": self.cacert,
            "tls_cluster": "yes",
            "tls_replication": "yes",
        }


class Guarded(EmbeddedRedis):
    """A redis-server with these files."""

    def __init__(self, files: Files, **settings: Any) -> None:
        self.files = files
        super().__init__(**settings)

    def command(self) -> list[str]:
        """The system's, with its port as the one for TLS."""
        self.settings = self.files.settings(self.port) | self.settings
        return [SERVER or "", *super().command()[1:]]
