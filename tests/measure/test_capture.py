"""A packet capture summed up; and what is said where there is none. That it agrees with the tap: `rtlab bench wire`."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from rtlab.cli import main
from rtlab.measure.capture import Bytes, Payload, payload

SERVER = 80


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([], Payload(0, 0, 0)),
        (["0\t5000\t1\t10", "0\t80\t1\t100", "0\t80\t101\t50"], Payload(10, 150, 0)),
        (["0\t5000\t1\t10", "1\t5001\t1\t10"], Payload(20, 0, 0)),  # two connections
        (["0\t80\t1\t100", "0\t80\t1\t100"], Payload(0, 100, 100)),  # sent again
        (["0\t80\t1\t100", "0\t80\t51\t100"], Payload(0, 150, 50)),  # a half of it
        (["0\t80\t101\t50", "0\t80\t1\t100"], Payload(0, 150, 0)),  # in another order
        (["0\t80\t0\t0", "0\t80\t1\t0"], Payload(0, 0, 0)),  # SYN and ACK carry nothing
    ],
)
def test_a_stream_is_as_long_as_the_sequence_numbers_that_were_seen(lines: list[str], found: Payload) -> None:
    assert payload(lines, SERVER) == found


def test_counts_are_the_same_to_the_byte_or_they_are_not() -> None:
    assert Bytes("sse", 10, 150, Payload(10, 150, 7)).is_same
    assert not Bytes("sse", 10, 151, Payload(10, 150, 0)).is_same


def test_without_tshark_a_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    done = CliRunner().invoke(main, ["bench", "wire"])
    assert done.exit_code == 2
    assert "tshark is not installed: get it" in done.output


def test_without_the_right_to_capture_its_own_words_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake = tmp_path / "tshark"
    fake.write_text("#!/bin/sh\necho 'You do not have permission' >&2\nexit 2\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    done = CliRunner().invoke(main, ["bench", "wire"])
    assert done.exit_code == 2
    assert "tshark cannot capture (You do not have permission)" in done.output
