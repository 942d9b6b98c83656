"""Applications: each a page and its event source. So far the sources: this machine's metrics, and chance."""
