"""What compression saves, weighed: the counts are exact, whatever the machine does."""

from rtlab.measure.deflate_bench import LEVELS, weigh
from rtlab.server.forms import DEFLATE_BYTES


def test_small_events_go_as_they_are_and_large_ones_lose_half_of_their_bytes() -> None:
    pairs = weigh(readers=3, events=2)
    assert len(pairs) == len(LEVELS)
    for plain, small in pairs:
        assert plain.data < plain.wire < plain.data + 150
        assert small.data == plain.data
        assert plain.inflating == 0 < plain.cpu
        compressed = plain.wire > DEFLATE_BYTES + 10
        assert (small.wire < plain.wire * 0.5) is compressed
        assert (small.inflating > 0) is compressed
    assert 1 < sum(small.inflating > 0 for _, small in pairs) < len(LEVELS)
