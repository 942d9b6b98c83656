"""From what a tap recorded to what was said: requests and responses, events of a stream, frames.

Nothing is thrown away: the sizes of a connection's messages add up to the bytes that crossed it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rtlab.wire.conversation import Conversation
from rtlab.wire.message import Asked, Message
from rtlab.wire.record import DOWN, UP, Chunk, Closed, Opened, Record
from rtlab.wire.side import Side


def messages(records: Iterable[Record], before: Iterable[Message] = ()) -> list[Message]:
    """The messages of a record (`tap.record`, in its order: the order of arrival), sorted by when they left.

    A connection of which the record holds no beginning, because it fell out or was cleared, is understood from the
    first chunk on that begins with a message. `before` are messages of an earlier record: what they say of channel
    and technique still holds on a connection that goes on. Raises nothing, whatever the bytes are.
    """
    found: list[Message] = []
    known = {
        told.connection: Asked(channel=told.channel, technique=told.technique) for told in before if told.size
    }
    conversations: dict[int, Conversation] = {}
    for record in records:
        number = record.connection
        if isinstance(record, Opened):
            found.append(Message("connect", UP, number, record.at, record.established, 0, "connect"))
        if number not in conversations:
            begun = None if isinstance(record, Opened) else known.get(number, Asked())
            conversations[number] = Conversation(Side(number, UP, found), Side(number, DOWN, found), begun)
        if isinstance(record, Chunk):
            _side(conversations[number], record).receive(record)
        elif isinstance(record, Closed):
            _side(conversations[number], record).end(whole=record.how == "fin")
            end = (record.left, record.arrived, 0, record.how)
            found.append(Message("close", record.direction, number, *end))
    for conversation in conversations.values():
        conversation.up.end(whole=False)
        conversation.down.end(whole=False)
    return sorted(_attributed(found), key=lambda message: message.left)


def _attributed(found: list[Message]) -> Iterator[Message]:
    """Let what says nothing of a channel (connect, close, fragments) belong to what its connection is used for."""
    used_for: dict[int, Message] = {}
    for message in reversed(found):  # the first use of each connection, for its connect
        if message.technique:
            used_for[message.connection] = message
    for message in found:
        if message.technique:
            used_for[message.connection] = message
        elif message.kind in ("connect", "chunk", "close") and message.connection in used_for:
            use = used_for[message.connection]
            message = replace(message, channel=use.channel, technique=use.technique)
        yield message


def _side(conversation: Conversation, record: Chunk | Closed) -> Side:
    return conversation.up if record.direction == UP else conversation.down
