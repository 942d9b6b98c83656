"""What a library does for you, watched on the wire: Socket.IO beside rtlab's own readers, and Node's `ws`.

    from rtlab.teach.libraries import NodeWs, after_a_cut, bytes_per_event, socket_io_session

    session = socket_io_session(lab)    # a real python-socketio server and client, through the lab's tap
    session                             # requests, frames and bytes of each phase: opening, upgrade, …, reconnect
    session.messages                    # the record; labels say the packets' names: "ping probe", "event news"
    session.picture()                   # the space-time diagram of it

    lab.middleboxes(StripsUpgrade())
    socket_io_session(lab).transport    # "polling": the upgrade did not get through, and nobody had to do anything

    after_a_cut(lab)                    # five events while the connection is cut: who has them afterwards?

    bytes_per_event(lab)                # one event by each technique and library, counted by the tap
    with NodeWs() as ws:                # where Node and its package `ws` are there: raises Missing with the remedy
        bytes_per_event(lab, ws)        # by `ws` as well
- `socket_io`: the server and the client; `session`, `phases`: what they say, phase by phase; `after_a_cut`;
  `per_event`; `node_ws`, `ws_server.cjs`: a server on Node's `ws`
"""

from rtlab.teach.libraries.after_a_cut import after_a_cut
from rtlab.teach.libraries.node_ws import NodeWs
from rtlab.teach.libraries.per_event import bytes_per_event
from rtlab.teach.libraries.session import Session, socket_io_session

__all__ = ["NodeWs", "Session", "after_a_cut", "bytes_per_event", "socket_io_session"]
