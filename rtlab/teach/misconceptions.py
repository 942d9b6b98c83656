"""Ten misconceptions about real-time communication on the web, M1 to M10, each as a question to vote on twice."""

from rtlab.teach.asked import Asked, Choice

MISCONCEPTIONS: tuple[Asked, ...] = (
    Asked(
        "M1",
        "A client long-polls a channel over a quick network; the server holds each request for up to 60 s. Events "
        "become ten times as frequent: one every 5 s before, two a second now. What happens to the requests?",
        (
            Choice(
                "a",
                "As many as before: how often a client asks is set in the client.",
                "It is so for short polling, and the name sounds like polling at long intervals.",
                "Lesson 04: change the event rate and leave the client alone, then count its requests.",
            ),
            Choice(
                "b",
                "About ten times as many: there is one for each event.",
                "Every answer carries news, and the client asks again as soon as it has the answer.",
                "Lesson 04: change the event rate, then count requests and events side by side.",
            ),
            Choice(
                "c",
                "Fewer: with so much news the server has to be asked less.",
                "When events come very close together, several do travel in one answer.",
                "Lesson 04: look for the rate at which an answer carries more than one event. It is about one event "
                "per round trip, far above two a second on this network.",
            ),
            Choice(
                "d",
                "None at all: the first request stays open, and the server sends every event on it.",
                "The held request looks like an open channel.",
                "Lesson 04: in the space-time picture an answer ends with its first event. The one that does not end "
                "is lesson 05.",
            ),
        ),
        "b",
        "The requests follow the events, not a clock: 1 / (2λd + e^(−2λd)) requests for each event, which is close "
        "to one while events are rarer than round trips. What has no interval cannot have a long one.",
    ),
    Asked(
        "M2",
        "The one-way delay is 40 ms, and there is an event every ten seconds on average. Over an open WebSocket an "
        "event takes 40 ms. What is its mean latency with long polling?",
        (
            Choice(
                "a",
                "Practically the same: a little over 40 ms.",
                "The request is already waiting at the server when the event happens.",
                "Lesson 04 and lesson 08: both on one axis, at 0.1 events a second.",
            ),
            Choice(
                "b",
                "About 80 ms: the question has to travel there before the answer can travel back.",
                "That is the price of a request that is sent when one wants to know.",
                "Lesson 04: in the space-time picture, see where the request is when the event happens.",
            ),
            Choice(
                "c",
                "120 ms: an answer, the next request, the answer to that.",
                "Three transits is what it takes for an event that has just missed an answer.",
                "Lesson 04: drag one event to just behind another. Then count how many of a hundred fall there.",
            ),
            Choice(
                "d",
                "Some seconds: half of the time for which the server holds a request.",
                "With short polling it is half of the interval, and the hold looks like an interval.",
                "Lesson 04: change the hold from 5 s to 60 s and watch the latency.",
            ),
        ),
        "a",
        "40.3 ms: d + 2λd² / (2λd + e^(−2λd)) with λ = 0.1 a second and d = 40 ms. Only an event that falls into the "
        "two transits after an answer waits for a request, 3d at worst; at this rate fewer than one in a hundred do.",
    ),
    Asked(
        "M3",
        "A client with one HTTP/1.1 session polls a server twenty times, once a second. How many TCP connections "
        "does it open?",
        (
            Choice(
                "a",
                "Twenty: each request is a connection of its own.",
                "In HTTP/1.0 it was so, and requests are often drawn so.",
                "Lesson 01: poll twenty times and count connections at the tap. Then do it with keep-alive off.",
            ),
            Choice(
                "b",
                "One, which is kept open between the requests.",
                "HTTP/1.1 keeps connections alive unless one side says `Connection: close`.",
                "Lesson 01: poll twenty times and count connections at the tap.",
            ),
            Choice(
                "c",
                "Two: one for the requests and one for the answers.",
                "There are two directions, and a diagram has two arrows.",
                "Lesson 01: read both directions of one connection at the tap.",
            ),
        ),
        "b",
        "HTTP/1.1 connections persist (RFC 9112, section 9.3). So a WebSocket does not save a connection for each "
        "message: keep-alive already did. What a poll costs is its head and its round trip.",
    ),
    Asked(
        "M4",
        "A thousand clients poll one server, which can answer only so many requests a second. You halve the polling "
        "interval, and halve it again, and again. What happens to the mean latency of an event?",
        (
            Choice(
                "a",
                "It goes on falling, towards the one-way delay.",
                "T/2 + d says so, as long as answers take no time at the server.",
                "Lesson 02: go on with the interval until the server is busy all the time.",
            ),
            Choice(
                "b",
                "It falls at first, then rises steeply.",
                "There must be a point at which the server has more requests than it can answer.",
                "Lesson 02: the knee. Draw latency over 1/T and T/2 + d beside it.",
            ),
            Choice(
                "c",
                "Nothing: latency is a matter of the network, not of the interval.",
                "For an open stream or socket it is so.",
                "Lesson 02: the sawtooth. When an event falls between two polls decides how long it waits.",
            ),
        ),
        "b",
        "N clients send N/T requests a second. As that comes near to what the server can answer, requests queue, and "
        "the queue adds more than the shorter interval takes away: fresher data needs a cheaper question, not only a "
        "more frequent one.",
    ),
    Asked(
        "M5",
        "An event stream and a WebSocket are open from the same server to the same client, over the same network. A "
        "small event happens on an idle channel. Which of the two delivers it sooner?",
        (
            Choice(
                "a",
                "The WebSocket: it is no longer HTTP.",
                "After its handshake a WebSocket has left HTTP, and HTTP is thought of as slow.",
                "Lesson 07: the two lanes of the space-time picture, side by side.",
            ),
            Choice(
                "b",
                "The WebSocket: its frame header has only two bytes.",
                "Fewer bytes are sent sooner, where bytes are what takes the time.",
                "Lesson 07: the waterfall of bytes. Then ask how long fifty bytes take on your network.",
            ),
            Choice(
                "c",
                "Neither: both take one transit.",
                "In both, a connection is open and the server writes when the event happens.",
                "Lesson 07: the two lanes of the space-time picture; lesson 08: the two curves.",
            ),
            Choice(
                "d",
                "The event stream: it has no masks and no handshake.",
                "Only clients mask, and the handshake was over long before the event.",
                "Lesson 07: find the mask in a frame from the server.",
            ),
        ),
        "c",
        "What is fast is that the connection is open and nobody has to ask. The WebSocket sends fewer bytes for each "
        "event and can also send upwards; in latency the two lanes coincide at d.",
    ),
    Asked(
        "M6",
        "A server calls `send()` on an open WebSocket; the call returns without an error. At that moment the path to "
        "the client is cut. The client reconnects later, without saying where it was. What of the message?",
        (
            Choice(
                "a",
                "It has arrived: TCP is reliable, and `send()` would have failed otherwise.",
                "TCP does deliver in order and without gaps, for as long as the connection lasts.",
                "Lesson 07 and lesson 10: cut the path behind a `send()` that succeeded, and ask the client.",
            ),
            Choice(
                "b",
                "It is delivered after the reconnection: WebSocket keeps what was not acknowledged.",
                "Message brokers do that, and some libraries on top of WebSocket.",
                "Lesson 07: read the frame bit by bit and look for a message number or an acknowledgement.",
            ),
            Choice(
                "c",
                "It may be lost, and neither side is told.",
                "`send()` hands bytes to the operating system; nobody says when they have arrived.",
                "Lesson 07 and lesson 10: cut the path, reconnect without a cursor, compare what was sent and seen.",
            ),
        ),
        "c",
        "WebSocket numbers no messages and acknowledges none (RFC 6455 has neither). A log and a cursor do what it "
        "does not: the client says where it was, and goes on from there or is told of a gap.",
    ),
    Asked(
        "M7",
        "A browser's `EventSource` loses its connection. It asks again, and the server, which is just being "
        "restarted, answers `500`. What happens next?",
        (
            Choice(
                "a",
                "It tries again, after `retry` milliseconds, until the server is well.",
                "It does so when the connection is lost, and reconnection is what it is praised for.",
                "Lesson 05: answer one reconnection with 500, then with 204, and count the requests that follow.",
            ),
            Choice(
                "b",
                "It gives up for good.",
                "An answer that is not 200 is a clear word, unlike a lost connection.",
                "Lesson 05: answer one reconnection with 500, and count the requests that follow.",
            ),
            Choice(
                "c",
                "It tries again, and the server then sends everything that was missed.",
                "`Last-Event-ID` says where the stream was.",
                "Lesson 05: first let it stop at 500. Then let it through to a server whose history is gone: what "
                "can it send?",
            ),
        ),
        "b",
        "Redirects apart, any status but 200 ends it (204 is the polite way to say so): `readyState` is `CLOSED`, and "
        "the page must open a new one. Nor does the header bring anything back by itself: `Last-Event-ID` only says "
        "where the reader was, and a server that has dropped that history can at best answer with a gap.",
    ),
    Asked(
        "M8",
        "A WebSocket is open and idle. Somewhere between the two machines a cable is pulled: no packet gets through, "
        "and none is refused. Nobody sends anything. What do the two ends say a minute later?",
        (
            Choice(
                "a",
                "Both say that it is closed: TCP notices when the other side has gone.",
                "A side that closes does send FIN, and one that crashes is answered with RST when it is back.",
                "Lesson 10: stop both directions at the tap without closing, and read both ends' state.",
            ),
            Choice(
                "b",
                "The client says closed, the server says open.",
                "The client's own system sees its own cable.",
                "Lesson 10: the cable is in the middle. Stop both directions at the tap and read both ends' state.",
            ),
            Choice(
                "c",
                "Both say that it is open.",
                "An idle TCP connection sends nothing, so there is nothing that could fail.",
                "Lesson 10: stop both directions at the tap, read both ends' state; then switch on a heartbeat.",
            ),
        ),
        "c",
        "Open means only that nobody has said otherwise. An idle connection says nothing at all, and TCP's own "
        "keep-alive, where it is on, usually waits two hours. A heartbeat with a time limit turns silence into news.",
    ),
    Asked(
        "M9",
        "Your server sends a push notification with `TTL: 0` to a phone that cannot be reached at this moment. What "
        "happens to it?",
        (
            Choice(
                "a",
                "It arrives at once: push is a connection from your server to the phone.",
                "It looks instant, on a phone that is awake and has a network.",
                "Lesson 12: stop the application's server and see that the device still gets what was sent before: "
                "whose connection was it?",
            ),
            Choice(
                "b",
                "The push service keeps it until the phone is back.",
                "It does, for as long as TTL says.",
                "Lesson 12: send to a sleeping device with TTL 60, then with TTL 0.",
            ),
            Choice(
                "c",
                "It is dropped.",
                "A TTL of 0 means now or never.",
                "Lesson 12: send to a sleeping device with TTL 0, wake it, and look.",
            ),
            Choice(
                "d",
                "Your server is told, and sends it again.",
                "A server is told when the push service does not know the subscription any more.",
                "Lesson 12: read the answers of the push service, `201` and `404`: what does each one promise?",
            ),
        ),
        "c",
        "A push message waits at the push service for at most TTL seconds (RFC 8030, section 5.2). The service holds "
        "the only connection to the device, and `201` says that it took the message, not that anybody read it.",
    ),
    Asked(
        "M10",
        "One server process delivers λ events a second over WebSocket to each of N clients. You put a broker, Redis "
        "or Kafka, behind it. How many deliveries a second do your server processes make now?",
        (
            Choice(
                "a",
                "λ: the broker does the distributing.",
                "A broker does distribute, to the processes that subscribe to it.",
                "Lesson 13: count frames to the clients at the tap, with the broker off and on.",
            ),
            Choice(
                "b",
                "Nλ, as before.",
                "Every client still needs each event on its own connection.",
                "Lesson 13: count frames to the clients at the tap, with the broker off and on.",
            ),
            Choice(
                "c",
                "Nλ divided by the number of partitions.",
                "Partitions do divide the work of consumers in one group.",
                "Lesson 13: add partitions and count the frames to the clients again.",
            ),
            Choice(
                "d",
                "None: a broker pushes, so polling and delivering end with it.",
                "Brokers are called push systems.",
                "Lesson 13: watch `XREAD BLOCK` and a Kafka fetch on the tap, and compare them with lesson 04.",
            ),
        ),
        "b",
        "Somebody must write each event to each client: Nλ. A broker lets several processes share that work, and "
        "remembers events where it keeps a log. And the processes read it by long polling: `XREAD BLOCK` and a Kafka "
        "fetch are requests that are held until there is something.",
    ),
)
