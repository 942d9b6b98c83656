"""The small Tornado server, one file for each technique."""
