"""The address at which a browser reaches this machine's server: every URL that a browser opens goes through here.

On a laptop that is 127.0.0.1 and the port. On JupyterHub and Binder the browser is elsewhere, and only
jupyter-server-proxy reaches the port: the kernel's own environment says under which path.
"""

from __future__ import annotations

import os


def behind_proxy() -> bool:
    """Whether the browser is on another machine, behind a hub that authenticates it."""
    return "JUPYTERHUB_SERVICE_PREFIX" in os.environ


def browser_url(port: int, path: str = "/", host: str = "127.0.0.1") -> str:
    """The URL for a path of the server on `port`; behind a hub it has no host: the page's own is meant."""
    path = "/" + path.lstrip("/")
    if behind_proxy():
        return f"{os.environ['JUPYTERHUB_SERVICE_PREFIX'].rstrip('/')}/proxy/{port}{path}"
    return f"http://{host}:{port}{path}"
