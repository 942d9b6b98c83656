"""`rtlab.conformance.test_socket`, as it is, against the servers of this folder."""

from rtlab.conformance.test_socket import *  # noqa: F403
