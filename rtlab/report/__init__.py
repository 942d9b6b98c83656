"""What was measured, for people: `rtlab compare` with its table and its page."""
