"""What `recordings` recorded once, for exercise 10.3: the same for everybody."""

from collections.abc import Mapping

RECORDED: Mapping[str, str] = {
    "strips": """\
time, s   at the client                           at the server
0.00      → GET …/socket?after=now, Upgrade
0.01      ← 426                                   → GET …/socket?after=now
          → FIN                                   ← 426
0.02      ← FIN                                   → FIN
                                                  ← FIN
0.31      → GET …/socket?after=now, Upgrade
0.32      ← 426                                   → GET …/socket?after=now
          → FIN                                   ← 426
          ← FIN                                   → FIN
                                                  ← FIN
""",
    "buffers": """\
time, s   at the client                           at the server
0.00      → GET …/stream?after=now                → GET …/stream?after=now
0.01      ← 200                                   ← 200
0.07                                              ← event 1
0.17                                              ← event 2
0.28                                              ← event 3
0.38                                              ← event 4
0.49      ← event 1, 2, 3, 4, 5                   ← event 5
0.59                                              ← event 6
0.69                                              ← event 7
0.79                                              ← event 8
0.90                                              ← event 9
""",
    "idle": """\
time, s   at the client                           at the server
0.00      → GET …/events?after=now                → GET …/events?after=now
          ← 200                                   ← 200
          → GET …/events?after=new.0&wait=5       → GET …/events?after=new.0&wait=5
0.20      ← 200, event 1                          ← 200, event 1
0.21      → GET …/events?after=log.1&wait=5       → GET …/events?after=log.1&wait=5
0.61      ← FIN                                   → FIN
          → FIN                                   ← FIN
0.70      → GET …/events?after=log.1&wait=5       → GET …/events?after=log.1&wait=5
1.10      ← FIN                                   → FIN
          → FIN                                   ← FIN
1.18      → GET …/events?after=log.1&wait=5       → GET …/events?after=log.1&wait=5
1.20      ← 200, event 2                          ← 200, event 2
          → GET …/events?after=log.2&wait=5       → GET …/events?after=log.2&wait=5
""",
    "half-open": """\
time, s   at the client                           at the server
0.00      → GET …/socket?after=now, Upgrade       → GET …/socket?after=now, Upgrade
          ← 101                                   ← 101
          ← open                                  ← open
0.09      ← event 1                               ← event 1
0.19      ← event 2                               ← event 2
0.49                                              ← ping
0.60                                              ← event 3
0.70                                              ← event 4
0.98                                              ← RST
1.20      → FIN
1.29      → GET …/socket?after=log.2, Upgrade     → GET …/socket?after=log.2, Upgrade
1.30      ← 101                                   ← 101
          ← open                                  ← open
          ← event 3, 4                            ← event 3, 4
1.48      ← ping                                  ← ping
          → pong                                  → pong
1.98      ← ping                                  ← ping
          → pong                                  → pong
""",
    "lost answer": """\
time, s   at the client                           at the server
0.00      → GET …/events?after=now                → GET …/events?after=now
                                                  ← 200
0.01      ← 200                                   → GET …/events?after=new.0&wait=5
          → GET …/events?after=new.0&wait=5
0.30      ← RST                                   ← 200, event 1
                                                  → RST
0.31      → GET …/events?after=new.0&wait=5       → GET …/events?after=new.0&wait=5
          ← 200, event 1                          ← 200, event 1
          → GET …/events?after=log.1&wait=5       → GET …/events?after=log.1&wait=5
0.90      ← 200, event 2                          ← 200, event 2
          → GET …/events?after=log.2&wait=5       → GET …/events?after=log.2&wait=5
""",
    "impatient": """\
time, s   at the client                           at the server
0.00      → GET …/events?after=now
0.01      ← 200                                   → GET …/events?after=now
          → GET …/events?after=new.0&wait=5       ← 200
                                                  → GET …/events?after=new.0&wait=5
0.20      ← 200, event 1                          ← 200, event 1
          → GET …/events?after=log.1&wait=5       → GET …/events?after=log.1&wait=5
0.60      ← 504                                   → FIN
          ← FIN                                   ← FIN
          → FIN
0.68      → GET …/events?after=log.1&wait=5       → GET …/events?after=log.1&wait=5
1.09      ← 504                                   → FIN
          ← FIN                                   ← FIN
          → FIN
1.18      → GET …/events?after=log.1&wait=5       → GET …/events?after=log.1&wait=5
1.20      ← 200, event 2                          ← 200, event 2
          → GET …/events?after=log.2&wait=5
1.21                                              → GET …/events?after=log.2&wait=5
""",
}
"""The recordings, by the fault."""
