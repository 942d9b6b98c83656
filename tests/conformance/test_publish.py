"""`rtlab.conformance.test_publish`, as it is, against the servers of this folder."""

from rtlab.conformance.test_publish import *  # noqa: F403
