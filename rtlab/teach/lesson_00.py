"""Lesson 00, the race: the vote before it, and six questions that say where to begin."""

from rtlab.teach.asked import Asked, Choice

RACE = Asked(
    "00.0",
    "Events at random moments, one a second; a network path of 40 ms in each direction; polls once a second. Five "
    "clients, each with its own technique. How do their median latencies compare?",
    (
        Choice(
            "a",
            "In five steps: WebSocket first, then server-sent events, long polling, adaptive polling, short polling.",
            "It is the order in which most texts list them, each one an improvement on the one before.",
            "Lesson 00: are there five different figures in the table?",
        ),
        Choice(
            "b",
            "In two groups: three that know of an event about 40 ms after it happens, and two that take more than ten "
            "times as long.",
            "Two of the five ask by their own clock. The other three have asked before there was anything.",
            "Lesson 00: compare the figures of long polling with both groups.",
        ),
        Choice(
            "c",
            "In two groups: WebSocket alone in front, and four that are slow because they speak HTTP.",
            "WebSocket was made for this, and HTTP was made for documents.",
            "Lesson 00: look at the lane of server-sent events, which is plain HTTP.",
        ),
        Choice(
            "d",
            "Adaptive polling comes close to WebSocket: it learns when to ask.",
            "It asks sooner after news and later after none, and that sounds like a clever use of its requests.",
            "Lesson 00: it has as many requests as short polling. What can be learned from random moments?",
        ),
    ),
    "b",
    "A client that has asked beforehand, once (server-sent events, WebSocket) or again and again (long polling), hears "
    "of an event as soon as the news can travel. A client that asks by its own clock waits for the clock first: half "
    "an interval at the median, here half a second.",
)

# The section of lesson 01 that answers each of the six questions.
SECTIONS = {
    "00.1": "One exchange, byte by byte",
    "00.2": "TCP knows no messages",
    "00.3": "There, and back",
    "00.4": "Median, p99, and what a mean hides",
    "00.5": "What a Poisson process is",
    "00.6": "`await`, or how one lane stops the race",
}

DIAGNOSTIC = (
    Asked(
        "00.1",
        "A client asks `GET /news` on an open connection, and there is nothing new. What crosses the wire?",
        (
            Choice(
                "a",
                "The request. There is no answer, because there is nothing to say.",
                "No news is good news.",
                "Lesson 01: what does a client do that is not answered?",
            ),
            Choice(
                "b",
                "A request and an answer, each with its head: some hundred bytes in all, about nothing.",
                "A head goes before every request and every answer, whatever is in it.",
                "Lesson 01: add up the heads.",
            ),
            Choice(
                "c",
                "A few bytes: the heads were sent when the connection was opened.",
                "Something is settled once for each connection, and the connection is kept alive.",
                "Lesson 01: look at the second request on a connection that is kept.",
            ),
        ),
        "b",
        "HTTP/1.1 keeps nothing between two requests of a connection but the connection: every head is sent in full.",
    ),
    Asked(
        "00.2",
        "A client sends 100 bytes and then 200 bytes on one TCP connection. What may the other side's calls of "
        "`recv(4096)` return?",
        (
            Choice(
                "a",
                "100 bytes, then 200: what was sent together arrives together.",
                "On a quiet network, with a pause between the two, that is what one sees.",
                "Lesson 01: send without a pause, or through a slow path.",
            ),
            Choice(
                "b",
                "The 200 bytes first, if they took a quicker way.",
                "Packets on the Internet do overtake each other.",
                "Lesson 01: number the bytes, and look at their order.",
            ),
            Choice(
                "c",
                "The 300 bytes in order, cut anywhere: all at once, or 1 and 299, or 150 and 150.",
                "TCP carries bytes, and knows nothing of what was one call of `send`.",
                "Lesson 01: send in two pieces, and see in how many they come.",
            ),
        ),
        "c",
        "TCP promises the bytes and their order, and no boundaries. Whoever wants messages must mark where they end.",
    ),
    Asked(
        "00.3",
        "The path takes 40 ms in each direction, and no connection is open yet. A client connects and asks at once, "
        "without TLS. How long after it began does it have the first byte of the answer, at the earliest?",
        (
            Choice(
                "a",
                "After 40 ms.",
                "That is how long the news itself is on its way.",
                "Lesson 01: who has to speak first?",
            ),
            Choice(
                "b",
                "After 80 ms.",
                "The request goes there, the answer comes back.",
                "Lesson 01: when may the first byte of a request leave?",
            ),
            Choice(
                "c",
                "After 160 ms.",
                "Connecting takes a round trip, and asking takes another one.",
                "Lesson 01: TCP's handshake in the picture.",
            ),
        ),
        "c",
        "Two round trips: one for TCP's handshake, one for the question and its answer. On a connection that is kept "
        "alive it is one.",
    ),
    Asked(
        "00.4",
        "Of 100 answers 97 take 10 ms and three take a second. Which two figures say what is usual, and how bad it "
        "gets for some?",
        (
            Choice(
                "a",
                "The median, 10 ms, and the 99th percentile, 1 s.",
                "One half is quicker than the median, one in a hundred is slower than the 99th percentile.",
                "Lesson 01: look for both in the picture of all answers.",
            ),
            Choice(
                "b",
                "The mean, 39.7 ms, and the standard deviation.",
                "They describe the bell curve, and many things have a bell curve.",
                "Lesson 01: how many of the 100 answers took about 39.7 ms?",
            ),
            Choice(
                "c",
                "The mean, 39.7 ms, and the fastest, 10 ms.",
                "The mean counts them all, and the fastest says what is possible.",
                "Lesson 01: which of the two tells of the answers that took a second?",
            ),
        ),
        "a",
        "No answer took anything like the mean. Latencies are lopsided, so the middle one and a slow one say more.",
    ),
    Asked(
        "00.5",
        "Events come as a Poisson process, one a second on average. None has come for three seconds. How long is it "
        "from now to the next one, on average?",
        (
            Choice(
                "a",
                "Much less than a second: it is overdue.",
                "Buses work like that, at least by their timetable.",
                "Lesson 01: pick the moments after a long silence, and measure from there.",
            ),
            Choice(
                "b",
                "One second.",
                "The events know nothing of each other, so a silence foretells nothing.",
                "Lesson 01: measure from any moment to the next event.",
            ),
            Choice(
                "c",
                "More than a second: nothing much is going on.",
                "It is so where activity comes in bursts, and lesson 03 makes use of it.",
                "Lesson 01: pick the moments after a long silence, and measure from there.",
            ),
        ),
        "b",
        "A Poisson process has no memory. That is why nobody can poll it cleverly (lesson 03).",
    ),
    Asked(
        "00.6",
        "An asyncio server has 100 clients. The handler of one of them calls `time.sleep(1)` where it should say "
        "`await asyncio.sleep(1)`. Who waits?",
        (
            Choice(
                "a",
                "All of them: for that second the server does nothing else.",
                "One thread runs one loop, and the loop goes on when a handler gives way.",
                "Lesson 01: watch the other lanes.",
            ),
            Choice(
                "b",
                "That one client.",
                "Each handler is a function of its own, and with a thread for each it would be so.",
                "Lesson 01: watch the other lanes.",
            ),
            Choice(
                "c",
                "Nobody: a sleeping handler needs no processor.",
                "It needs none, and that is what `await` makes use of.",
                "Lesson 01: who could run in the meantime, and does it?",
            ),
        ),
        "a",
        "An event loop runs one handler at a time, until it waits with `await`. A handler that blocks, blocks all.",
    ),
)

QUESTIONS = (RACE, *DIAGNOSTIC)
