"""The instrument between client and server: what crossed the connection, byte by byte, and when.

- `tap`: a recording relay in a thread; `process`: the same in a process of its own, for measurements
- `record`: what it writes down; `exchange`: what was said, as messages; `overhead`: the instrument's own error
- `middlebox`: what stands on the path, box by box; `trouble`: what happens to any bytes; `proxies`: what programs do
  that understand HTTP; `tls`: what those do that open TLS
- `datagrams`: the same for UDP, where a loss is a loss
- inside: `loop` (timer and sockets), `relay` (one connection); `conversation` (who reads its two sides), `side`,
  `http`, `blocks` (of an event stream), `websocket`
"""
