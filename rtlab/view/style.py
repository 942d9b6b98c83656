"""One look for everything: the techniques' names and colours, light and dark, the shared stylesheet.

The six technique colours are from the Okabe-Ito palette, which stays apart for colour-blind eyes. Most of
them are too pale for small text on white, so each has a darker sister for words on a light ground and a
lighter one for words on a dark ground; every sister has a contrast of at least 4.5 : 1 there (WCAG 2.2,
success criterion 1.4.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rtlab.errors import BadInput
from rtlab.technique import NAMES

PALETTE: Mapping[str, str] = {
    "short": "#D55E00",
    "adaptive": "#E69F00",
    "long": "#009E73",
    "sse": "#0072B2",
    "websocket": "#CC79A7",
    "push": "#56B4E9",
}
"""The colour of each technique's arrows, bars, bands and dots; the same on a light and on a dark ground."""

SHADES = ("ink", "middle", "pale")
"""What a curve is drawn in that is not a technique's: three inks that promise nothing about a technique."""


@dataclass(frozen=True)
class Theme:
    """The colours around the techniques' own: ground, words, lines that ask and lines that hardly matter."""

    paper: str  # the ground
    ink: str  # words, events, the lines of client and server
    quiet: str  # arrows that only ask or answer empty
    quiet_text: str  # words that stand back, still 4.5 : 1 on the ground
    faint: str  # connects, heartbeats
    hair: str  # guide lines
    text: Mapping[str, str]  # a technique's colour for words
    tint: float = 1.0  # how much stronger bars and fields must be to be seen on the ground

    def mark(self, technique: str) -> str:
        """Return the colour of a technique's lines and dots, or of a shade's."""
        shades = dict(zip(SHADES, (self.ink, self.quiet_text, self.quiet), strict=True))
        return shades.get(technique) or PALETTE[technique]

    def word(self, technique: str) -> str:
        """Return the colour of a technique's name, or of a shade's: pale words would be too pale to read."""
        shades = dict(zip(SHADES, (self.ink, self.quiet_text, self.quiet_text), strict=True))
        return shades.get(technique) or self.text[technique]


LIGHT = Theme(
    paper="#ffffff",
    ink="#22262b",
    quiet="#9aa3ad",
    quiet_text="#5f6873",
    faint="#c3c9d0",
    hair="#eceef1",
    text={
        "short": "#b34f00",
        "adaptive": "#8a5f00",
        "long": "#00795a",
        "sse": "#006399",
        "websocket": "#984a75",
        "push": "#1f6f9e",
    },
)
DARK = Theme(
    paper="#14171a",
    ink="#e6e8eb",
    quiet="#848d98",
    quiet_text="#9aa3ad",
    faint="#4a525b",
    hair="#23282d",
    text={
        "short": "#ff8f45",
        "adaptive": "#f0ad1f",
        "long": "#2fc79a",
        "sse": "#5fb0e6",
        "websocket": "#dd98bd",
        "push": "#7cc8f2",
    },
    tint=1.55,
)

FONT = "DejaVu Sans"  # comes with matplotlib, so a picture has the same layout on every machine


def known(technique: str) -> str:
    """Return `technique` if it is one; raise BadInput, with the list of all, if not."""
    if technique not in NAMES:
        raise BadInput(f"{technique!r} is not a technique: use one of {', '.join(NAMES)}")
    return technique


def rc(theme: Theme = LIGHT) -> dict[str, object]:
    """Settings for a lesson's own matplotlib figure: `with plt.rc_context(style.rc()): …`.

    The views of this package do not use them: they name every colour, so that nothing global changes their
    look.
    """
    return {
        "font.family": FONT,
        "font.size": 10,
        "figure.facecolor": theme.paper,
        "axes.facecolor": theme.paper,
        "savefig.facecolor": theme.paper,
        "text.color": theme.ink,
        "axes.edgecolor": theme.quiet,
        "axes.labelcolor": theme.quiet_text,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.color": theme.hair,
        "xtick.color": theme.quiet_text,
        "ytick.color": theme.quiet_text,
        "legend.frameon": False,
    }


def _tokens(theme: Theme) -> str:
    """Write a theme as CSS custom properties. JupyterLab's own colours win where there are any."""
    words = "".join(f"--{name}-text:{colour};" for name, colour in theme.text.items())
    return (
        f"--paper:var(--jp-layout-color0,{theme.paper});--ink:var(--jp-content-font-color1,{theme.ink});"
        f"--quiet:{theme.quiet};--quiet-text:{theme.quiet_text};--faint:{theme.faint};--hair:{theme.hair};{words}"
    )


# The page's ground follows the reader's system, unless the notebook says which theme it shows.
STYLESHEET = f"""\
.rtlab{{{_tokens(LIGHT)}{"".join(f"--{name}:{colour};" for name, colour in PALETTE.items())}}}
@media (prefers-color-scheme:dark){{.rtlab{{{_tokens(DARK)}}}}}
[data-jp-theme-light=true] .rtlab,.vscode-light .rtlab{{{_tokens(LIGHT)}}}
[data-jp-theme-light=false] .rtlab,.vscode-dark .rtlab{{{_tokens(DARK)}}}
.rtlab{{color:var(--ink);font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;\
font-variant-numeric:tabular-nums;text-align:left}}
body.rtlab{{background:var(--paper);margin:0}}
.rtlab code,.rtlab pre{{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,\
"DejaVu Sans Mono",monospace;color:inherit;background:none;padding:0}}
.rtlab table{{table-layout:auto;border-collapse:collapse;width:100%;margin:0;border:0;font-size:inherit;color:inherit}}
.rtlab th,.rtlab td{{text-align:left;vertical-align:baseline;padding:.35em .75em .35em 0;border:0;\
font-weight:inherit;background:none;white-space:normal;max-width:none}}
.rtlab tbody tr{{background:none;border-top:1px solid var(--hair)}}
.rtlab caption{{caption-side:top;text-align:left;padding:0 0 .5em;color:var(--ink);font-weight:600}}
.rtlab thead th{{color:var(--quiet-text);font-size:12px}}
.rtlab .quiet,.rtlab .source,.rtlab .source a{{color:var(--quiet-text)}}
.rtlab .source{{font-size:12px;white-space:nowrap}}
.rtlab a{{color:inherit;text-decoration-color:var(--faint)}}
"""
"""The stylesheet that HTML views and pages share. It touches nothing outside an element of class `rtlab`."""
