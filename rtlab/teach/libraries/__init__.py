"""What a library does for you, watched on the wire: Socket.IO beside rtlab's own readers.

    from rtlab.teach.libraries import after_a_cut, socket_io_session

    session = socket_io_session(lab)    # a real python-socketio server and client, through the lab's tap
    session                             # requests, frames and bytes of each phase: opening, upgrade, …, reconnect
    session.messages                    # the record; labels say the packets' names: "ping probe", "event news"
    session.picture()                   # the space-time diagram of it

    lab.middleboxes(StripsUpgrade())
    socket_io_session(lab).transport    # "polling": the upgrade did not get through, and nobody had to do anything

    after_a_cut(lab)                    # five events while the connection is cut: who has them afterwards?
- `socket_io`: the server and the client; `session`, `phases`: what they say, phase by phase; `after_a_cut`
"""

from rtlab.teach.libraries.after_a_cut import after_a_cut
from rtlab.teach.libraries.session import Session, socket_io_session

__all__ = ["Session", "after_a_cut", "socket_io_session"]
