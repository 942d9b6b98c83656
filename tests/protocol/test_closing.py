"""RFC 6455, sections 5.5.1 and 7: what a close frame may say, and how the two ends come to rest."""

import pytest

from rtlab.errors import LocalProtocolError, ProtocolError
from rtlab.protocol.closing import READING, TRANSITIONS, WRITING, Close, State, read_close, write_close

PAYLOADS = {
    b"": Close(),
    b"\x03\xe8": Close(1000),
    b"\x03\xe9bye": Close(1001, "bye"),
    b"\x03\xf6": Close(1014),
    b"\x0b\xb8": Close(3000),
    b"\x13\x87" + "é".encode(): Close(4999, "é"),
}

FAULTS = {
    "one byte": (b"\x03", 1002),
    "code 0": (b"\0\0", 1002),
    "code 999": (b"\x03\xe7", 1002),
    "code 1004, reserved": (b"\x03\xec", 1002),
    "code 1005, for the absence of a code": (b"\x03\xed", 1002),
    "code 1006, for the absence of a frame": (b"\x03\xee", 1002),
    "code 1015, for TLS": (b"\x03\xf7", 1002),
    "code 1016, undefined": (b"\x03\xf8", 1002),
    "code 2999, undefined": (b"\x0b\xb7", 1002),
    "code 5000": (b"\x13\x88", 1002),
    "code 65535": (b"\xff\xff", 1002),
    "a reason that is not UTF-8": (b"\x03\xe8\xff", 1007),
    "a reason cut in a character": (b"\x03\xe8\xc3", 1007),
}


@pytest.mark.parametrize(("payload", "close"), PAYLOADS.items())
def test_a_close_payload_is_read_and_written(payload: bytes, close: Close) -> None:
    assert read_close(payload) == close
    assert write_close(close) == payload


@pytest.mark.parametrize(("payload", "code"), FAULTS.values(), ids=FAULTS)
def test_a_close_payload_that_breaks_the_rules_is_refused(payload: bytes, code: int) -> None:
    with pytest.raises(ProtocolError) as fault:
        read_close(payload)
    assert fault.value.close_code == code


@pytest.mark.parametrize("code", [None, -1, 0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 70000])
def test_a_code_that_may_not_be_sent_is_not_written(code: int | None) -> None:
    with pytest.raises(LocalProtocolError, match="is never sent"):
        write_close(Close(code, "why"))


def test_the_table_of_states_leads_from_open_to_closed_and_no_further() -> None:
    reached = {State.OPEN} | set(TRANSITIONS.values())
    assert reached == set(State)
    assert {state for state, _ in TRANSITIONS} == set(State) - {State.CLOSED}
    for (state, event), after in TRANSITIONS.items():
        assert (after, event) not in TRANSITIONS, "each side says close once"
        assert state in READING or event == "send close", "who reads no more cannot hear a close, nor a fault"
    assert State.CLOSED not in READING | WRITING
