"""A drawn figure that shows itself in a notebook, with words for those who do not see it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

SHOWN_DPI = 96  # CSS pixels per inch, so that a 9 pt word is shown at 9 pt
SCALE = 1.5  # stored pixels for each shown one: sharp on a dense screen, and still small in a stored notebook


class Picture:
    """A figure, what it is in one line (`summary`), and all that it shows in sentences (`description`).

    A notebook gets a PNG whose alternative text is the description. The text beside it is the summary,
    without any measured figure, so that a comparison of outputs holds from run to run.
    """

    def __init__(self, figure: Figure, summary: str, sentences: Sequence[str]) -> None:
        self.figure = figure
        self.summary = summary
        self.description = " ".join(sentences)
        self._lock = Lock()  # drawing changes the figure for a moment

    def save(self, path: str | Path) -> None:
        """Write the picture to a file; the suffix says how: `.png`, or `.svg`, `.pdf` and what else matplotlib can."""
        path = Path(path)
        if path.suffix.lower() == ".png":
            path.write_bytes(self.png)
        else:
            self._draw(path, path.suffix.lstrip(".").lower())

    @cached_property
    def png(self) -> bytes:
        """The picture as PNG, with the description inside.

        A diagram has few colours: a palette of 256 makes it a third as large, and nobody sees the difference.
        """
        drawn, packed, told = BytesIO(), BytesIO(), PngInfo()
        self._draw(drawn, "png")
        told.add_itxt("Title", self.summary)
        told.add_itxt("Description", self.description)
        with Image.open(drawn) as image:
            few = image.convert("RGB").quantize(
                256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
            )
        few.save(packed, "PNG", optimize=True, pnginfo=told)
        return packed.getvalue()

    def _draw(self, target: Path | BytesIO, kind: str) -> None:
        """Draw as shown: what the reader may have set for all figures (`savefig.bbox` and the like) is overruled."""
        with self._lock:
            self.figure.savefig(
                target,
                format=kind,
                dpi=SHOWN_DPI * SCALE,
                facecolor=self.figure.get_facecolor(),
                edgecolor="none",
                transparent=False,
                bbox_inches=self.figure.bbox_inches,
            )

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what Jupyter shows: the PNG and the summary; and how large, with the alternative text."""
        width, height = (round(inches * SHOWN_DPI) for inches in self.figure.get_size_inches())
        shown = {"width": width, "height": height, "alt": self.description}
        return {"image/png": self.png, "text/plain": self.summary}, {"image/png": shown}

    def __repr__(self) -> str:
        return self.summary
