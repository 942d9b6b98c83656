"""A page in a notebook: an IFrame that a cell shows as its result."""

from __future__ import annotations

from html import escape


class Embedded:
    """The page at `url`; as the last line of a cell it shows itself. Opening `url` in a tab shows the same."""

    def __init__(self, url: str, title: str, height: int = 640) -> None:
        self.url, self.title, self.height = url, title, height

    def __repr__(self) -> str:
        return f"{self.title}: {self.url}"

    def _repr_html_(self) -> str:
        return (
            f'<iframe src="{escape(self.url)}" title="{escape(self.title)}" width="100%" height="{self.height}" '
            'style="border: 1px solid #9aa3ad; border-radius: 4px"></iframe>'
        )
