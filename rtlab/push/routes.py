"""The push service on HTTP: the resources of RFC 8030, one handler each.

    POST   /push/subscribe             a device: a new subscription                        RFC 8030 §4
    DELETE /push/subscription/ID       a device: no more of it                             §7.3
    DELETE /push/set/DEVICE            a device: no more of any                            §7.3.1
    GET    /push/set/DEVICE/stream     a device: its one connection, an event stream       §6.1
    DELETE /push/message/ID            a device: I have it                                 §6.2
    POST   /push/p/PUSH                an application server: a message                    §5
    GET    /push/receipts/ID/stream    an application server: what became of my messages   §6.3
    DELETE /push/receipts/ID           an application server: tell me no more              §7.3

The RFC delivers by HTTP/2 server push, which browsers have given up; each vendor has a protocol of its own for this
last part. Here it is the lab's: a stream of a log.
"""

from rtlab.push.device_handlers import (
    MessageHandler,
    SetHandler,
    SetStreamHandler,
    SubscribeHandler,
    SubscriptionHandler,
)
from rtlab.push.handler import PushHandler
from rtlab.push.sender_handlers import PushResourceHandler, ReceiptsHandler, ReceiptsStreamHandler

ROUTES: list[tuple[str, type[PushHandler]]] = [
    (r"/push/subscribe", SubscribeHandler),
    (r"/push/subscription/([^/]+)", SubscriptionHandler),
    (r"/push/set/([^/]+)", SetHandler),
    (r"/push/set/([^/]+)/stream", SetStreamHandler),
    (r"/push/message/([^/]+)", MessageHandler),
    (r"/push/p/([^/]+)", PushResourceHandler),
    (r"/push/receipts/([^/]+)/stream", ReceiptsStreamHandler),
    (r"/push/receipts/([^/]+)", ReceiptsHandler),
]
