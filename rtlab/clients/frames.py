"""Frames as `websocket-client` reads them, held to all of RFC 6455: by itself it takes much that a client must not."""

from __future__ import annotations

import codecs
from collections.abc import Callable

from websocket._abnf import ABNF, frame_buffer

from rtlab.errors import ProtocolError
from rtlab.protocol.closing import read_close
from rtlab.protocol.frames import CloseCode, Opcode, check_first_bytes, check_length


class StrictFrames(frame_buffer):
    """Refuses a frame as soon as its header is wrong, and a message of more than `max_bytes` before it has come.

    Raises `ProtocolError`, whose close code is what the server has to be told.
    """

    def __init__(self, receive: Callable[[int], bytes], max_bytes: int) -> None:
        # Its own check of UTF-8 goes byte by byte in Python, 1 ms for 1 KB.
        super().__init__(receive, skip_utf8_validation=True)
        self._max_bytes = max_bytes
        self._arrived = 0  # bytes of the message whose fragments are coming
        self._is_text = False
        self._utf8 = codecs.getincrementaldecoder("utf-8")()

    def recv_header(self) -> None:
        """Read the first two bytes, and judge them."""
        super().recv_header()
        assert self.header is not None
        fin, *rsv, opcode, has_mask, length = self.header
        first = fin << 7 | rsv[0] << 6 | rsv[1] << 5 | rsv[2] << 4 | opcode
        check_first_bytes(first, has_mask << 7 | length, expect_mask=False)

    def recv_length(self) -> None:
        """Read the length, and judge it: its form (section 5.2), and what the message has grown to (10.4)."""
        super().recv_length()
        assert self.header is not None
        assert self.length is not None
        opcode, short = Opcode(self.header[4]), self.header[6]
        if short > 125:
            check_length(self.length, 2 if short == 126 else 8)
        if opcode.is_control:
            return
        self._arrived = self.length + (self._arrived if opcode is Opcode.CONTINUATION else 0)
        if self._arrived > self._max_bytes:
            reason = f"a message of {self._arrived} bytes: at most {self._max_bytes} are taken here"
            raise ProtocolError(CloseCode.MESSAGE_TOO_BIG, reason)

    def recv_frame(self) -> ABNF:
        """Read a frame, and judge its payload: a Close's code and reason (5.5.1), a text's UTF-8 (8.1)."""
        frame = super().recv_frame()
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            self._is_text = frame.opcode == Opcode.TEXT
        if self._is_text and frame.opcode in (Opcode.TEXT, Opcode.CONTINUATION):
            self._check_utf8(frame)
        if frame.opcode == Opcode.CLOSE:
            read_close(bytes(frame.data))  # type: ignore[arg-type]  # it is text only when we send it
        return frame

    def _check_utf8(self, frame: ABNF) -> None:
        """At each fragment, for the message may never be whole; a character may be cut between two."""
        try:
            self._utf8.decode(frame.data, bool(frame.fin))  # type: ignore[arg-type]
        except UnicodeDecodeError as error:
            raise ProtocolError(CloseCode.INVALID_PAYLOAD, f"text is not UTF-8: {error.reason}") from None
