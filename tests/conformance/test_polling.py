"""`rtlab.conformance.test_polling`, as it is, against the servers of this folder."""

from rtlab.conformance.test_polling import *  # noqa: F403
