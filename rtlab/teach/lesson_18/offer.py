"""What two pages tell each other before they can talk without a server: an offer, as a browser wrote it.

Chromium 156 on Linux, for `createDataChannel("places", {ordered: false, maxRetransmits: 0})` with no STUN server, when
it had gathered its candidates. The other page's answer has the same lines.
"""

from __future__ import annotations

OFFER = """\
v=0
o=- 6597785825886951838 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=extmap-allow-mixed
a=msid-semantic: WMS
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=candidate:3308646705 1 udp 2113937151 c6c1e3d6-a539-4516-9c3a-a3a357ea5039.local 54823 typ host generation 0 \
network-cost 999
a=candidate:3259473281 1 udp 2113942271 0f2a0d75-fb8f-4d98-b85e-4005c62bcd7e.local 55799 typ host generation 0 \
network-cost 999
a=ice-ufrag:Syxd
a=ice-pwd:QvKks0HyqZDJRs7Lzd28nSAk
a=ice-options:trickle
a=fingerprint:sha-256 23:35:12:19:16:DA:60:CF:5D:D5:27:C8:02:46:E4:13:CE:89:AE:48:B7:E8:3B:E5:7E:D3:7F:D2:FF:2C:76:E8
a=setup:actpass
a=mid:0
a=sctp-port:5000
a=max-message-size:262144
"""
# What a line is for, by its beginning.
NOTES = {
    "m=application": "data, as SCTP in DTLS in UDP; the port is no port: addresses come as candidates (RFC 8841)",
    "a=candidate": "an address of this page, under a name made up for it, so that it does not give its own away (ICE)",
    "a=ice-ufrag": "who asks on this path; with the next line the proof that it is this peer (RFC 8445)",
    "a=ice-pwd": "see above: whoever carries the signals can pretend to be one of the two",
    "a=fingerprint": "of the certificate that the page has made for itself: DTLS must show it (RFC 8122)",
    "a=setup": "who begins with DTLS: either",
    "a=sctp-port": "as SCTP counts its ends, inside",
}


def annotated(offer: str = OFFER, width: int = 44) -> list[tuple[str, str]]:
    """The lines of an offer that say something, shortened to `width`, each with what it is for."""
    lines = []
    for line in offer.splitlines():
        note = next((note for begin, note in NOTES.items() if line.startswith(begin)), None)
        if note is not None:
            lines.append((line if len(line) <= width else line[: width - 1] + "…", note))
    return lines
