"""The exercises of lesson 07, frames: unmask one, write a length, choose a close code."""

import random
from typing import Any

from rtlab.protocol.frames import Frame, Opcode, apply_mask, header
from rtlab.teach.checks import Case, Cases, Symptom, ValueCheck
from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show

RFC_MASK, RFC_MASKED = (
    bytes.fromhex("37fa213d"),
    bytes.fromhex("7f9f4d5158"),
)  # "Hello", RFC 6455, section 5.7

UNMASK = '''
def unmask(masked, key):
    """Return the payload that was sent as `masked` with this masking key of 4 bytes."""
    ...
'''
_UNMASK = "def unmask(masked, key):\n    return "

LENGTH = '''
def length_field(length):
    """Return the bytes of an unmasked frame's header that say how long its payload is."""
    ...
'''
_LENGTH = "def length_field(length):\n"


def unmask(draw: random.Random) -> Exercise:
    """Return 07.1, with keys of this student's own behind the one of the RFC."""
    words = ["mind the gap", "λ", "a payload longer than its key", ""]
    cases = [Case((RFC_MASKED, RFC_MASK), b"Hello")]
    for word in words:
        key = draw.randbytes(4)
        cases.append(Case((apply_mask(word.encode(), key), key), word.encode()))
    return Exercise(
        id="07.1",
        title="unmask a payload",
        task="Write `unmask(masked, key)` (RFC 6455, section 5.3): byte i of the payload is byte i of what was sent, "
        "XORed with byte i mod 4 of the key. Both arguments and the result are `bytes`.",
        name="unmask",
        stub=UNMASK,
        reference=_UNMASK + "bytes(byte ^ key[i % 4] for i, byte in enumerate(masked))\n",
        judge=Cases(
            tuple(cases),
            "the payload, as `bytes` of the same length",
            (
                Symptom(
                    lambda got, _: isinstance(got, str),
                    "This is text. A frame carries bytes; decoding comes later.",
                ),
                Symptom(
                    lambda got, _: isinstance(got, list),
                    "This is a list of numbers: `bytes(…)` of it are bytes.",
                ),
                Symptom(
                    lambda got, case: isinstance(got, bytes) and len(got) == 4 < len(case.result),
                    "Only four bytes came out: the key is used again and again, for the whole payload.",
                ),
                Symptom(
                    lambda got, case: (
                        isinstance(got, bytes) and got[:1] == case.result[:1] and got != case.result
                    ),
                    "The first byte is right, the others are not: each has its own byte of the key.",
                ),
            ),
        ),
        hints=(
            "`^` is XOR. The same operation masks and unmasks: what is XORed twice is as it was.",
            "`enumerate(masked)` gives i and the byte; the byte of the key is `key[i % 4]`.",
        ),
        wrong=(
            WrongAnswer(
                _UNMASK + "bytes(byte ^ key[0] for byte in masked)\n", "each has its own byte of the key"
            ),
            WrongAnswer(_UNMASK + "bytes(a ^ b for a, b in zip(masked, key))\n", "Only four bytes"),
            WrongAnswer(
                _UNMASK + "[byte ^ key[i % 4] for i, byte in enumerate(masked)]\n", "list of numbers"
            ),
        ),
        why="Masking hides nothing, for the key travels with the frame. It keeps a hostile page from choosing the "
        "bytes on the wire, which some proxies once took for HTTP (RFC 6455, section 10.3).",
    )


def lengths() -> Exercise:
    """Return 07.2: the three ways to say how long a payload is, at their borders."""

    def field(length: int) -> bytes:
        return header(Frame(Opcode.BINARY, b"\0" * length))[1:]

    full = (
        "    if length <= 125:\n        return bytes([length])\n"
        "    if length <= 65_535:\n        return bytes([126]) + length.to_bytes(2, 'big')\n"
        "    return bytes([127]) + length.to_bytes(8, 'big')\n"
    )
    return Exercise(
        id="07.2",
        title="three lengths",
        task="Write `length_field(length)`: the second byte of an unmasked frame and what follows it, up to the "
        "payload. Try it with 125, 126, 65,535 and 65,536. The shortest form that fits is the only one allowed "
        "(RFC 6455, section 5.2).",
        name="length_field",
        stub=LENGTH,
        reference=_LENGTH + full,
        judge=Cases(
            tuple(Case((n,), field(n)) for n in (5, 0, 125, 126, 127, 300, 65_535, 65_536, 1_000_000)),
            "1, 3 or 9 bytes: the 7 bits, or 126 and 16 bits, or 127 and 64 bits, the highest byte first",
            (
                Symptom(
                    lambda got, case: isinstance(got, bytes) and len(got) > len(case.result),
                    "That is longer than it need be: a reader fails a frame whose length is not the shortest form.",
                ),
                Symptom(
                    lambda got, case: (
                        isinstance(got, bytes)
                        and len(got) == len(case.result) > 1
                        and got[1:] == case.result[:0:-1]
                    ),
                    "The bytes stand the wrong way round: the network's order has the highest byte first.",
                ),
                Symptom(
                    lambda got, case: isinstance(got, bytes) and len(got) < len(case.result),
                    "That form is too short: in the second byte 126 and 127 are no lengths, they announce one.",
                ),
            ),
        ),
        hints=(
            "Three cases: up to 125, up to 2¹⁶ − 1, and everything else.",
            "`length.to_bytes(2, 'big')` writes a number as 2 bytes, the highest first.",
        ),
        wrong=(
            WrongAnswer(_LENGTH + full.replace("<= 125", "<= 127"), "they announce one"),
            WrongAnswer(_LENGTH + full.replace("'big'", "'little'"), "highest byte first"),
            WrongAnswer(_LENGTH + full.replace("<= 65_535", "< 65_535"), "longer than it need be"),
        ),
        why="Two bytes of header are enough for most messages: that is the whole overhead from server to client.",
    )


class Codes(ValueCheck):
    """Compares a dictionary of situations with the close codes that fit them."""

    RIGHT: dict[str, int] = {  # noqa: RUF012 (a table, never changed)
        "the page is left": 1001,
        "text that is not UTF-8": 1007,
        "a masked frame from the server": 1002,
        "a message of 10 MB where 1 MB is the limit": 1009,
        "the server is too busy for now": 1013,
        "the chat is over, all is well": 1000,
    }
    SLIPS: dict[int, str] = {  # noqa: RUF012
        1006: "1006 is never sent: it is what an API reports when no close frame came at all.",
        1005: "1005 is never sent: it is what an API reports for a close frame without a code.",
        1011: "1011 is for a server that made a mistake itself.",
        1008: "1008 is for a rule of the application, where no other code says more.",
        1003: "1003 is for a kind of data that is not taken, such as binary where text is spoken.",
    }

    def __call__(self, answer: Any) -> None:
        """Go through the situations; the first wrong code is reported."""
        wanted = "a code of RFC 6455, section 7.4.1, for each situation"
        if not isinstance(answer, dict):
            raise Wrong("read your codes", show(answer), "the dictionary, with a code for each situation")
        for situation, code in self.RIGHT.items():
            got = answer.get(situation)
            if got in (None, ...):
                raise Wrong(f"looked up `{situation}`", "no code yet", wanted)
            if got != code:
                raise Wrong(f"looked up `{situation}`", show(got), wanted, self.SLIPS.get(got, ""))


def close_codes() -> Exercise:
    """Return 07.3: which close code says what happened."""
    stub = "codes = {\n" + "".join(f'    "{situation}": ...,\n' for situation in Codes.RIGHT) + "}\n"
    right = repr(Codes.RIGHT)
    return Exercise(
        id="07.3",
        title="which close code?",
        task="Complete the dictionary: what does the close frame say in each of these six situations?",
        name="codes",
        stub=stub,
        reference=f"codes = {right}\n",
        judge=Codes(),
        hints=(
            "The codes are in RFC 6455, section 7.4.1, and in `rtlab.protocol.frames.CloseCode`.",
            "1002 is for whoever breaks the rules of frames, 1007 for a payload that is not what its opcode says.",
        ),
        wrong=(
            WrongAnswer(f"codes = {right.replace('1001', '1006')}\n", "never sent"),
            WrongAnswer(f"codes = {right.replace('1009', '1008')}\n", "where no other code says more"),
            WrongAnswer(f"codes = {right.replace('1013', '1011')}\n", "made a mistake itself"),
        ),
        why="The code tells the other side whether to come back at once, later, or never.",
    )


def exercises(draw: random.Random) -> tuple[Exercise, ...]:
    """Return the lesson's exercises, with keys drawn for one student."""
    return unmask(draw), lengths(), close_codes()
