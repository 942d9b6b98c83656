"""One direction of a connection while it is read: bytes that belong to no message yet, and who reads them."""

from dataclasses import dataclass, field
from typing import Protocol

from rtlab.wire.message import BODY_KEPT, Asked, Message
from rtlab.wire.record import Chunk


class Reader(Protocol):
    """Turns the bytes of a side into messages. A reader that is done puts the next one in its place."""

    def receive(self, data: bytes) -> None:
        """Read on: `data` has been added to the side."""

    def end(self) -> None:
        """The stream ended here, with FIN."""


@dataclass
class Draft:
    """A message in the making: what follows in the same chunk and says the like will be added to it."""

    size: int
    kind: str
    label: str
    asked: Asked
    head: bytes
    events: list[str]
    body: list[bytes]
    saved: int

    def takes(self, other: "Draft") -> bool:
        """Whether the other is one with this: both carry events, or are any bytes."""
        alike = (self.kind, self.label) == (other.kind, other.label)
        return alike and (bool(self.events and other.events) or self.kind == "chunk")


@dataclass(eq=False)
class Side:
    """The bytes of one direction."""

    connection: int
    direction: str
    messages: list[Message]
    raw: bytearray = field(default_factory=bytearray)
    left: int = 0  # times of the chunk that came last
    arrived: int = 0
    reader: Reader = field(init=False)
    drafts: list[Draft] = field(default_factory=list)

    def receive(self, chunk: Chunk) -> None:
        """Take a chunk and make messages of what is whole now."""
        self.left, self.arrived = chunk.left, chunk.arrived
        self.raw += chunk.data
        self.reader.receive(chunk.data)
        self._publish()

    def end(self, whole: bool) -> None:
        """Nothing more will come: `whole` with FIN, otherwise the connection or the record breaks off."""
        if whole:
            self.reader.end()
        self.give_up("unfinished")

    def go_on(self, reader: Reader) -> None:
        """Let another read the rest."""
        self.reader = reader
        if self.raw:
            reader.receive(bytes(self.raw))
            self._publish()

    def give_up(self, label: str) -> None:
        """Make a message of all that is left."""
        self.take(len(self.raw), "chunk", label, Asked(), body=bytes(self.raw))
        self._publish()

    def take(
        self,
        size: int,
        kind: str,
        label: str,
        asked: Asked,
        *,
        events: tuple[str, ...] = (),
        head: bytes = b"",
        body: bytes = b"",
        saved: int = 0,
    ) -> None:
        """Make a message of the first `size` bytes that belong to none."""
        if size <= 0:
            return
        del self.raw[:size]
        draft = Draft(size, kind, label, asked, head, list(events), [body], saved)
        if self.drafts and self.drafts[-1].takes(draft):
            last = self.drafts[-1]
            last.size += size
            last.saved += saved
            last.events += events
            last.body.append(body)
        else:
            self.drafts.append(draft)

    def _publish(self) -> None:
        for draft in self.drafts:
            self.messages.append(
                Message(
                    draft.kind,
                    self.direction,
                    self.connection,
                    self.left,
                    self.arrived,
                    draft.size,
                    draft.label,
                    draft.asked.channel,
                    draft.asked.technique,
                    tuple(draft.events),
                    draft.head,
                    (b"\n" if draft.kind == "frame" else b"").join(draft.body)[:BODY_KEPT],
                    draft.saved,
                )
            )
        self.drafts.clear()
