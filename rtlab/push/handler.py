"""What the push service's handlers share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tornado.web import RequestHandler

from rtlab.server.access import EVERYTHING, Grant
from rtlab.server.handler import Handler

if TYPE_CHECKING:
    from rtlab.push.service import PushService
    from rtlab.server.app import Server


class PushHandler(Handler):
    """The base of them: knows the service. None has HEAD: to look at a device's stream would end its connection."""

    head = RequestHandler._unimplemented_method

    def initialize(self, server: Server, service: PushService) -> None:  # type: ignore[override]
        """Tornado's constructor."""
        super().initialize(server)
        self.service = service

    def grant(self) -> Grant:
        """Whoever knows a name may use it, on a server with tokens too: that is what unguessable names are for."""
        return EVERYTHING
