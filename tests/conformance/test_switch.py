"""`rtlab.conformance.test_switch`, as it is, against the servers of this folder."""

from rtlab.conformance.test_switch import *  # noqa: F403
