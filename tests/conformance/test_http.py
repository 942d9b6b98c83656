"""`rtlab.conformance.test_http`, as it is, against the servers of this folder."""

from rtlab.conformance.test_http import *  # noqa: F403
