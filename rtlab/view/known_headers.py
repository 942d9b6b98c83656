"""What the lines of an HTTP head are for: a sentence each, and the standard that says so.

A table to look things up in. Where a field means one thing in a request and another in a response, it has two rows.
"""

from __future__ import annotations

from collections.abc import Mapping

Known = tuple[str, str]  # a sentence, and its source

REQUEST: Mapping[str, Known] = {
    "host": (
        "Which of the sites at this address is meant; the one field that every request must have.",
        "RFC 9110 §7.2",
    ),
    "user-agent": ("The program that asks, in its own words.", "RFC 9110 §10.1.5"),
    "accept": ("Which media types the client can use; with q it says how gladly.", "RFC 9110 §12.5.1"),
    "accept-encoding": ("Which compressions the client can undo.", "RFC 9110 §12.5.3"),
    "accept-language": ("Which languages the reader prefers.", "RFC 9110 §12.5.4"),
    "authorization": (
        "Who asks: proof that the client may, so anyone who reads it may too.",
        "RFC 9110 §11.6.2",
    ),
    "proxy-authorization": ("Proof for the proxy on the way, not for the server.", "RFC 9110 §11.7.2"),
    "cookie": (
        "What this server set earlier; a browser adds it by itself, whichever page asks, unless SameSite forbids.",
        "RFC 6265 §4.2",
    ),
    "origin": (
        "The site whose page asks. A browser writes it and no page can change it; other programs may write anything.",
        "Fetch",
    ),
    "referer": ("The page that the request comes from.", "RFC 9110 §10.1.3"),
    "if-none-match": (
        "Answer 304, without a body, if the resource still has this entity tag.",
        "RFC 9110 §13.1.2",
    ),
    "if-match": ("Do it only if the resource still has this entity tag.", "RFC 9110 §13.1.1"),
    "if-modified-since": ("Answer 304, without a body, if nothing changed since then.", "RFC 9110 §13.1.3"),
    "range": ("Send only this part.", "RFC 9110 §14.2"),
    "expect": ("Say whether the body is welcome before it is sent.", "RFC 9110 §10.1.1"),
    "te": ("Which transfer codings, and whether trailers, the client takes.", "RFC 9110 §10.1.4"),
    "prefer": ("A wish that the server may follow or not.", "RFC 7240 §2"),
    "last-event-id": (
        "The last event that this reader has: the stream goes on behind it.",
        "WHATWG HTML §9.2",
    ),
    "idempotency-key": ("A repeat with the same key is the same deed, done once.", "Idempotency-Key"),
    "sec-websocket-key": (
        "16 random bytes in Base64. The answer is computed from them, which shows that the server speaks WebSocket.",
        "RFC 6455 §11.3.1",
    ),
    "sec-websocket-version": ("The version of the protocol; there is one, 13.", "RFC 6455 §11.3.5"),
    "sec-websocket-protocol": (
        "The subprotocols that the client can speak, the best first.",
        "RFC 6455 §11.3.4",
    ),
    "sec-websocket-extensions": ("The extensions that the client offers.", "RFC 6455 §11.3.2"),
    "access-control-request-method": (
        "Preflight: the method that a page of that origin would like to use.",
        "Fetch",
    ),
    "access-control-request-headers": (
        "Preflight: the fields that a page of that origin would like to send.",
        "Fetch",
    ),
    "sec-fetch-site": (
        "How the asking page relates to the server; written by the browser alone.",
        "Fetch Metadata",
    ),
    "sec-fetch-mode": (
        "What kind of request it is: navigation, cors, websocket; written by the browser alone.",
        "Fetch Metadata",
    ),
    "sec-fetch-dest": (
        "What the answer is wanted for: a document, an image, or empty for fetch().",
        "Fetch Metadata",
    ),
    "sec-fetch-user": ("Whether a person's click began it.", "Fetch Metadata"),
    "sec-ch-ua": ("The browser's brand and version, as a hint.", "UA Client Hints"),
    "sec-ch-ua-mobile": ("Whether the browser would like a page for a small screen.", "UA Client Hints"),
    "sec-ch-ua-platform": ("The operating system, as a hint.", "UA Client Hints"),
    "upgrade-insecure-requests": ("The browser would rather have the page over https.", "CSP"),
    "x-xsrftoken": ("Proof that the page came from this server: a foreign page cannot read it.", "Tornado"),
    "x-forwarded-for": (
        "Whom a proxy asks for; anyone can write it, so trust it only from your own proxy.",
        "RFC 7239 §5.2",
    ),
    "ttl": (
        "For how many seconds a push service shall keep the message for a device asleep.",
        "RFC 8030 §5.2",
    ),
    "urgency": ("Whether a push message is worth waking the device.", "RFC 8030 §5.3"),
    "topic": ("A newer push message of this topic replaces the older.", "RFC 8030 §5.4"),
}
"""Fields of a request, in lower case."""

RESPONSE: Mapping[str, Known] = {
    "server": ("The program that answers, in its own words.", "RFC 9110 §10.2.4"),
    "etag": (
        "The name of this version of the resource: ask with If-None-Match whether it still holds.",
        "RFC 9110 §8.8.3",
    ),
    "last-modified": ("When the resource last changed, to the second.", "RFC 9110 §8.8.2"),
    "location": ("Where to look instead, or where the new thing is.", "RFC 9110 §10.2.2"),
    "retry-after": ("Come back after so many seconds, or at this time.", "RFC 9110 §10.2.3"),
    "vary": ("Which request fields the answer depends on, for caches.", "RFC 9110 §12.5.5"),
    "allow": ("The methods that this resource has.", "RFC 9110 §10.2.1"),
    "www-authenticate": ("How to prove who asks.", "RFC 9110 §11.6.1"),
    "set-cookie": ("Keep this, and send it back with every request to this server.", "RFC 6265 §4.1"),
    "age": ("How many seconds the answer has been in a cache.", "RFC 9111 §5.1"),
    "expires": ("Until when a cache may use the answer; max-age wins.", "RFC 9111 §5.3"),
    "accept-ranges": ("Whether parts of the resource can be asked for.", "RFC 9110 §14.3"),
    "content-encoding": ("How the body is compressed.", "RFC 9110 §8.4"),
    "preference-applied": ("Which of the wishes in Prefer the server followed.", "RFC 7240 §3"),
    "sec-websocket-accept": (
        "Base64 of SHA-1 of the key and a fixed GUID: no server that does not know WebSocket would say it.",
        "RFC 6455 §11.3.3",
    ),
    "sec-websocket-version": (
        "The versions that the server speaks, when it refused another.",
        "RFC 6455 §4.4",
    ),
    "sec-websocket-protocol": (
        "The one subprotocol that the server chose among those offered.",
        "RFC 6455 §11.3.4",
    ),
    "sec-websocket-extensions": (
        "The extensions that the server takes up, from now on in force.",
        "RFC 6455 §11.3.2",
    ),
    "access-control-allow-origin": ("Pages of this origin may read the answer.", "Fetch"),
    "access-control-allow-credentials": ("They may even when the request carried cookies.", "Fetch"),
    "access-control-allow-methods": ("Preflight: the methods that such pages may use.", "Fetch"),
    "access-control-allow-headers": ("Preflight: the fields that such pages may send.", "Fetch"),
    "access-control-expose-headers": ("The fields of the answer that such pages may read.", "Fetch"),
    "access-control-max-age": ("For how many seconds this permission need not be asked for again.", "Fetch"),
    "x-accel-buffering": (
        "no: a reverse proxy shall pass each piece on at once, and not collect them.",
        "nginx",
    ),
    "x-content-type-options": ("nosniff: believe the Content-Type, do not guess.", "Fetch"),
    "content-security-policy": ("What the page may load, run and be framed by.", "CSP"),
    "strict-transport-security": ("For so long, come only over https.", "RFC 6797 §6.1"),
}
"""Fields of a response, in lower case."""

EITHER: Mapping[str, Known] = {
    "connection": ("What concerns this connection only, up to the next machine.", "RFC 9110 §7.6.1"),
    "keep-alive": ("For how long an idle connection is kept, and for how many requests.", "RFC 9112 §C.2.2"),
    "upgrade": ("Other protocols to go on with on this connection.", "RFC 9110 §7.8"),
    "date": ("When it was written, by the sender's clock.", "RFC 9110 §6.6.1"),
    "content-type": ("What the body is.", "RFC 9110 §8.3"),
    "content-length": ("How many bytes of body follow: that is how the end is known.", "RFC 9110 §8.6"),
    "transfer-encoding": ("How the body is cut up for the way.", "RFC 9112 §6.1"),
    "trailer": ("Which fields will follow behind the body.", "RFC 9110 §6.6.2"),
    "via": ("The proxies that it came through.", "RFC 9110 §7.6.3"),
    "cache-control": ("What caches on the way may do.", "RFC 9111 §5.2"),
    "pragma": ("The older way to say no-cache.", "RFC 9111 §5.4"),
    "link": ("How another resource relates to this one.", "RFC 8288 §3"),
}
"""Fields that mean the same in both."""

VALUES: Mapping[tuple[str, str], str] = {
    ("connection", "keep-alive"): "keep-alive: the next request may use it too.",
    ("connection", "close"): "close: it ends after this answer.",
    ("connection", "upgrade"): "Upgrade: the field of that name is for the next machine.",
    ("upgrade", "websocket"): "Here: WebSocket.",
    ("accept", "text/event-stream"): "text/event-stream asks for server-sent events.",
    ("content-type", "text/event-stream"): "An event stream: the body goes on until somebody ends it.",
    (
        "content-type",
        "application/problem+json",
    ): "A problem document: what was wrong, for programs and people (RFC 9457).",
    (
        "transfer-encoding",
        "chunked",
    ): "chunked: each piece says its own length, so nobody must know the whole.",
    ("cache-control", "no-cache"): "no-cache: ask the server before it is used again.",
    ("cache-control", "no-store"): "no-store: keep no copy.",
    (
        "cache-control",
        "max-age",
    ): "max-age: for so many seconds it is fresh, and need not be asked for again.",
    ("cache-control", "private"): "private: only for this reader's own cache.",
    ("prefer", "wait"): "wait: take so many seconds if you need them; for long polling, hold the answer.",
    ("sec-websocket-extensions", "permessage-deflate"): "permessage-deflate compresses messages (RFC 7692).",
    ("access-control-allow-origin", "*"): "*: pages of every origin.",
    ("sec-fetch-site", "cross-site"): "cross-site: a page of somebody else.",
}
"""What a particular value adds to its field's sentence."""

METHODS: Mapping[str, Known] = {
    "GET": ("Asks for the resource and changes nothing.", "RFC 9110 §9.3.1"),
    "HEAD": ("Asks for the head of the answer to GET, without its body.", "RFC 9110 §9.3.2"),
    "POST": ("Hands the resource something to deal with.", "RFC 9110 §9.3.3"),
    "PUT": ("Puts this in the place of the resource.", "RFC 9110 §9.3.4"),
    "DELETE": ("Removes the resource.", "RFC 9110 §9.3.5"),
    "CONNECT": ("Asks a proxy for a tunnel to this address.", "RFC 9110 §9.3.6"),
    "OPTIONS": ("Asks what may be done here; a browser's preflight.", "RFC 9110 §9.3.7"),
    "PATCH": ("Changes a part of the resource.", "RFC 5789 §2"),
}

STATUSES: Mapping[str, Known] = {
    "100": ("Go on, send the body.", "RFC 9110 §15.2.1"),
    "101": ("Agreed: behind this head, both sides speak the other protocol.", "RFC 9110 §15.2.2"),
    "200": ("Here it is.", "RFC 9110 §15.3.1"),
    "201": ("It has been made; Location says where it is.", "RFC 9110 §15.3.2"),
    "202": ("Accepted, not done yet.", "RFC 9110 §15.3.3"),
    "204": ("Done, and there is nothing to send. An EventSource that gets this stops.", "RFC 9110 §15.3.5"),
    "206": ("The part that was asked for.", "RFC 9110 §15.3.7"),
    "301": ("It has moved for good.", "RFC 9110 §15.4.2"),
    "302": ("It is elsewhere for now.", "RFC 9110 §15.4.3"),
    "304": ("What you have still holds: no body.", "RFC 9110 §15.4.5"),
    "307": ("Ask the same elsewhere, for now.", "RFC 9110 §15.4.8"),
    "400": ("The request cannot be understood.", "RFC 9110 §15.5.1"),
    "401": ("Say who you are first.", "RFC 9110 §15.5.2"),
    "403": ("Understood, and refused.", "RFC 9110 §15.5.4"),
    "404": ("There is nothing here.", "RFC 9110 §15.5.5"),
    "405": ("The resource does not have this method; Allow says which it has.", "RFC 9110 §15.5.6"),
    "406": ("None of the media types that were asked for.", "RFC 9110 §15.5.7"),
    "409": ("It contradicts what is there.", "RFC 9110 §15.5.10"),
    "413": ("The body is too large.", "RFC 9110 §15.5.14"),
    "415": ("This media type is not understood here.", "RFC 9110 §15.5.16"),
    "422": ("Understood, but it makes no sense here.", "RFC 9110 §15.5.21"),
    "426": ("Only with another protocol; Upgrade says which.", "RFC 9110 §15.5.22"),
    "429": ("Too many requests; Retry-After says when to come back.", "RFC 6585 §4"),
    "431": ("The head is too large.", "RFC 6585 §5"),
    "500": ("The server failed.", "RFC 9110 §15.6.1"),
    "502": ("The server behind this proxy answered nonsense.", "RFC 9110 §15.6.3"),
    "503": ("Not now; Retry-After says when to come back.", "RFC 9110 §15.6.4"),
    "504": ("The server behind this proxy did not answer in time.", "RFC 9110 §15.6.5"),
}

SOURCES: Mapping[str, str] = {
    "Fetch": "https://fetch.spec.whatwg.org/#http-extensions",
    "Fetch Metadata": "https://www.w3.org/TR/fetch-metadata/",
    "WHATWG HTML §9.2": "https://html.spec.whatwg.org/multipage/server-sent-events.html",
    "UA Client Hints": "https://wicg.github.io/ua-client-hints/",
    "CSP": "https://www.w3.org/TR/CSP3/",
    "Idempotency-Key": "https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/",
    "nginx": "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering",
    "Tornado": "https://www.tornadoweb.org/en/stable/guide/security.html",
}
"""Where the sources that are not an RFC are to be found."""


def explain(name: str, value: str, is_request: bool) -> Known:
    """Say what a field is for: its sentence, with what this value adds, and the source (empty if unknown)."""
    key = name.lower()
    own = REQUEST if is_request else RESPONSE
    sentence, source = own.get(key) or EITHER.get(key) or _elsewhere(key, is_request)
    added = [words for (field, token), words in VALUES.items() if field == key and _has(value, token)]
    return " ".join([sentence, *added]), source


def _elsewhere(key: str, is_request: bool) -> Known:
    """Say something true of a field that the table does not have on this side."""
    if key in (RESPONSE if is_request else REQUEST):
        return f"Belongs in a {'response' if is_request else 'request'}; here it means nothing.", ""
    return (
        "Not a field that this table knows; a receiver that does not know it either passes over it.",
        "RFC 9110 §5.1",
    )


def _has(value: str, token: str) -> bool:
    """Tell whether a list or a media type has this element, whatever its parameters."""
    elements = (part.split(";")[0].split("=")[0].strip().lower() for part in value.split(","))
    return token in elements


def link(source: str) -> str | None:
    """Return the address of a source: an RFC with its section, or one of `SOURCES`."""
    if source.startswith("RFC "):
        number, _, section = source.removeprefix("RFC ").partition(" §")
        kind = "section" if section[:1].isdigit() else "appendix"
        return f"https://www.rfc-editor.org/rfc/rfc{number}" + (f"#{kind}-{section}" if section else "")
    return SOURCES.get(source)
