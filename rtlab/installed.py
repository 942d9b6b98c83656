"""Whether all is there that rtlab cannot do without: an installation can be older than the repository.

Else the first cell of a lesson ends in the bare name of a module, and nobody knows what to do about it.
"""

from importlib.util import find_spec

from rtlab.errors import Missing

PARTS = {
    "click": "click",
    "h11": "h11",
    "jwt": "PyJWT",
    "packaging": "packaging",
    "prometheus_client": "prometheus-client",
    "psutil": "psutil",
    "requests": "requests",
    "rich": "rich",
    "tornado": "tornado",
    "websocket": "websocket-client",
}
"""The modules that are imported, and the packages that they are in: the dependencies of pyproject.toml."""

REMEDY = (
    "this installation is older than rtlab; run `make venv`, or pip install -e '.[lab]' in the repository"
)


def check() -> None:
    """Raise Missing for the first part that is not there."""
    for module, package in PARTS.items():
        if find_spec(module) is None:
            raise Missing(package, remedy=REMEDY)
