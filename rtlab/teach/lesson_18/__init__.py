"""Lesson 18, together: its exercises, writers of one text, and states on paths that lose packets."""
