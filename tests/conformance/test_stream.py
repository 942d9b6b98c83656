"""`rtlab.conformance.test_stream`, as it is, against the servers of this folder."""

from rtlab.conformance.test_stream import *  # noqa: F403
