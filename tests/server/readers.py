"""The readers of the conformance suite, which these tests use too."""

from rtlab.conformance.readers import READERS, Reader

__all__ = ["READERS", "Reader"]
