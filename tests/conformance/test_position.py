"""`rtlab.conformance.test_position`, as it is, against the servers of this folder."""

from rtlab.conformance.test_position import *  # noqa: F403
