"""The winner map: who is the cheapest where, as areas of colour on two logarithmic axes.

A winner is a technique, such as `sse`, or a technique with something added, such as `sse in batches`, or `none`.
Stripes in the colour of the second mark where nobody knows which of the two is cheaper.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from math import isfinite

from matplotlib.colors import to_hex, to_rgb

from rtlab.errors import BadInput
from rtlab.technique import NAMES
from rtlab.view.chart_parts import Quantity
from rtlab.view.frontier import Scale
from rtlab.view.layout import Box, Point
from rtlab.view.picture import Picture
from rtlab.view.regions import place, regions
from rtlab.view.sheet import Sheet
from rtlab.view.style import DARK, LIGHT, PALETTE, Theme, known

WIDTH, HEIGHT = 612.0, 432.0  # of the whole, in points
AREA = Box(70.0, 100.0, WIDTH - 22.0, HEIGHT - 52.0)
SIZE = 9.5
NONE = "none"
STRIPE = 9.0  # points from one stripe to the next
DASHES = (5.0, 3.0)
KEY, SAMPLE = 48.0, 22.0  # points: the height of the key's first row, the width of a sample
LINE = 13.0  # points from one line of a name to the next

Names = Sequence[Sequence[str]]


def winner_map(
    across: Sequence[float],
    up: Sequence[float],
    winners: Names,
    *,
    seconds: Sequence[Sequence[str | None]] = (),
    x: Quantity,
    y: Quantity,
    crossover: Mapping[str, Sequence[Point]] | None = None,
    confirmed: Sequence[tuple[float, float, str]] = (),
    title: str | None = None,
    dark: bool = False,
) -> Picture:
    """Draw `winners[j][i]` at `across[i]`, `up[j]`, both ascending; `seconds` are the close runners-up, or None.

    `crossover` are lines by theory, each with its name; `confirmed` are places (across, up) with who was the cheapest
    there in measurement. Raises BadInput for rows that do not fit the axes, and for an unknown technique.
    """
    _check(across, up, winners, seconds)
    sheet = Sheet(WIDTH, DARK if dark else LIGHT)
    sheet.cut(HEIGHT)
    columns, rows = _edges(across, AREA.left, AREA.right), _edges(up, AREA.bottom, AREA.top)
    for j, i, end, name in _runs(winners):
        box = Box(columns[i], rows[j + 1], columns[end], rows[j])
        # A little too tall, so that no hair of the ground shows between two rows; drawn from the top row down.
        tall = Box(box.left, box.top, box.right, min(box.bottom + 0.6, AREA.bottom))
        sheet.boxes([tall], _fill(name or NONE, sheet.theme), alpha=1.0, z=0.5)
    for j, i, end, second in _runs(seconds):
        if second is not None:
            box = Box(columns[i], rows[j + 1], columns[end], rows[j])
            sheet.lines(_stripes(box), PALETTE[technique_of(second)], 1.6, z=0.8)
    scales = _scale(across, columns), _scale(up, rows)
    _draw_axes(sheet, *scales, x, y)
    for line in (crossover or {}).values():
        _draw_crossover(sheet, [(scales[0].at(a), scales[1].at(b)) for a, b in line])
    dots = [(scales[0].at(a), scales[1].at(b)) for a, b, _ in confirmed]
    _draw_names(sheet, winners, columns, rows, dots)
    for dot, (_, _, name) in zip(dots, confirmed, strict=True):
        sheet.dots([dot], 5.0, fill=_dot(name, sheet.theme), edge=sheet.theme.ink)
    _draw_key(sheet, tuple(crossover or ()), seconds, [name for _, _, name in confirmed])
    if title:
        sheet.text(14, 24, title, size=14, colour=sheet.theme.ink)
    told = _sentences(across, up, winners, seconds, x, y, crossover or {}, confirmed)
    names = ", ".join(dict.fromkeys(called(name) for row in winners for name in row))
    return Picture(sheet.figure, f"{title or 'The winner map'}: {names}", told)


def _check(
    across: Sequence[float], up: Sequence[float], winners: Names, seconds: Sequence[Sequence[str | None]]
) -> None:
    for name, values in (("across", across), ("up", up)):
        ascending = all(0 < a < b and isfinite(b) for a, b in pairwise(values))
        if len(values) < 2 or not ascending:
            raise BadInput(f"{name}: give two or more finite numbers above 0, ascending")
    for grid in (winners, seconds or winners):
        if [len(row) for row in grid] != [len(across)] * len(up):
            raise BadInput(f"give {len(up)} rows of {len(across)} names, as the axes have it")
        for found in {name or NONE for row in grid for name in row} - {NONE}:
            known(technique_of(found))


def technique_of(name: str) -> str:
    """Return the technique of a winner, without what is added."""
    return name.partition(" ")[0]


def called(name: str) -> str:
    """Return what a winner is called: `server-sent events in batches`."""
    if name == NONE:
        return "none in time"
    technique, space, added = name.partition(" ")
    return NAMES[technique] + space + added


def _fill(name: str, theme: Theme) -> str:
    """Return a winner's colour on the ground: paler with something added, the ground itself where there is none."""
    if name == NONE:
        return theme.hair
    share = 0.24 if " " in name else 0.46
    pairs = zip(to_rgb(PALETTE[technique_of(name)]), to_rgb(theme.paper), strict=True)
    red, green, blue = (share * colour + (1 - share) * paper for colour, paper in pairs)
    return str(to_hex((red, green, blue)))


def _dot(name: str, theme: Theme) -> str:
    return theme.paper if name == NONE else PALETTE[technique_of(name)]


def _edges(values: Sequence[float], start: float, end: float) -> list[float]:
    """Return the borders of the cells around values, in points: halfway between two of them by ratio."""
    middles = [(a * b) ** 0.5 for a, b in pairwise(values)]
    ends = [values[0] ** 2 / middles[0], *middles, values[-1] ** 2 / middles[-1]]
    scale = Scale(ends[0], ends[-1], start, end)
    return [scale.at(value) for value in ends]


def _scale(values: Sequence[float], edges: Sequence[float]) -> Scale:
    """Return the axis that has its cells at these edges."""
    least, most = values[0] ** 1.5 / values[1] ** 0.5, values[-1] ** 1.5 / values[-2] ** 0.5
    return Scale(least, most, edges[0], edges[-1])


def _runs(grid: Sequence[Sequence[str | None]]) -> Iterator[tuple[int, int, int, str | None]]:
    """Yield (row, first column, column behind the last, name) for neighbours of one name, the top row first."""
    for j in reversed(range(len(grid))):
        i = 0
        for name, group in groupby(grid[j]):
            end = i + len(list(group))
            yield j, i, end, name
            i = end


def _stripes(box: Box) -> list[tuple[Point, Point]]:
    """Return diagonals across a box; those of boxes side by side go on in each other."""
    lines = []
    first = int((box.left + box.top) // STRIPE) + 1
    for number in range(first, int((box.right + box.bottom) // STRIPE) + 1):
        total = number * STRIPE  # x + y along the line
        left, right = max(box.left, total - box.bottom), min(box.right, total - box.top)
        if left < right:
            lines.append(((left, total - left), (right, total - right)))
    return lines


def _draw_axes(sheet: Sheet, across: Scale, up: Scale, x: Quantity, y: Quantity) -> None:
    """Write numbers at the powers of ten, or at all ticks where those are few."""
    quiet = sheet.theme.quiet_text
    for tick in _ticks(across):
        sheet.text(across.at(tick), AREA.bottom + 13, _number(tick), size=9, colour=quiet, align="center")
    for tick in _ticks(up):
        sheet.text(AREA.left - 8, up.at(tick), _number(tick), size=9, colour=quiet, align="right")
    sheet.text(14, AREA.top - 16, y.label, size=SIZE, colour=quiet)
    sheet.text(AREA.right, HEIGHT - 14, x.label, size=SIZE, colour=quiet, align="right")


def _ticks(scale: Scale) -> list[float]:
    ticks = scale.ticks()
    tens = [tick for tick in ticks if f"{tick:e}".startswith("1.0")]
    return tens if len(tens) > 3 else ticks


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def _draw_crossover(sheet: Sheet, line: Sequence[Point]) -> None:
    sheet.lines(list(pairwise(line)), sheet.theme.ink, 1.6, DASHES, clip=AREA, z=3)


def _draw_names(
    sheet: Sheet, winners: Names, columns: Sequence[float], rows: Sequence[float], dots: Sequence[Point]
) -> None:
    """Write each name into the largest of its regions, on one line or on more; below the map where it fits nowhere."""
    aside = 14.0
    for name in dict.fromkeys(name for row in winners for name in row):
        region = max(regions(winners, name), key=len)
        words = called(name)
        for lines in ([words], words.rsplit(" in ", 1), words.split(" ")):
            wide = max(sheet.measure(line, SIZE) for line in lines) + 10
            found = place(set(region), columns, rows, wide, LINE * len(lines) + 6, dots)
            if found is None:
                continue
            x, y = found
            for number, line in enumerate(lines):
                shift = (number - (len(lines) - 1) / 2) * LINE
                area = sheet.measure(line, SIZE) / 2 + 3
                patch = Box(x - area, y + shift - 7, x + area, y + shift + 7)
                sheet.boxes([patch], _fill(name, sheet.theme), alpha=1.0, z=3.5)
                sheet.text(x, y + shift, line, size=SIZE, colour=sheet.theme.ink, align="center")
            break
        else:
            sheet.boxes(
                [Box(aside, HEIGHT - 19, aside + 10, HEIGHT - 9)], _fill(name, sheet.theme), alpha=1.0
            )
            sheet.text(aside + 15, HEIGHT - 14, words, size=SIZE, colour=sheet.theme.ink)
            aside += sheet.measure(words, SIZE) + 31


def _draw_key(
    sheet: Sheet, lines: Sequence[str], seconds: Sequence[Sequence[str | None]], dots: Sequence[str]
) -> None:
    """Say above the map what dashes, dots and stripes are, each with a sample, on one row or on two."""
    theme, x, y = sheet.theme, 14.0, KEY

    def entry(words: str) -> tuple[float, float]:
        """Write the words, and return where their sample goes."""
        nonlocal x, y
        wide = SAMPLE + 6 + sheet.measure(words, SIZE)
        if x > 14 and x + wide > AREA.right:
            x, y = 14.0, y + LINE + 3
        start, x = x, x + wide + 18
        sheet.text(start + SAMPLE + 6, y, words, size=SIZE, colour=theme.quiet_text)
        return start, y

    for words in lines:
        left, level = entry(words)
        sheet.lines([((left, level), (left + SAMPLE, level))], theme.ink, 1.6, DASHES)
    for name in dict.fromkeys(dots):
        left, level = entry(f"measured: {called(name)}")
        sheet.dots([(left + SAMPLE - 6, level)], 5.0, fill=_dot(name, theme), edge=theme.ink)
    close = dict.fromkeys(technique_of(found) for row in seconds for found in row if found)
    for number, name in enumerate(close):
        left, level = entry(f"perhaps as cheap: {NAMES[name]}" if not number else NAMES[name])
        sheet.lines(_stripes(Box(left, level - 5, left + SAMPLE, level + 5)), PALETTE[name], 1.6)


def _sentences(
    across: Sequence[float],
    up: Sequence[float],
    winners: Names,
    seconds: Sequence[Sequence[str | None]],
    x: Quantity,
    y: Quantity,
    crossover: Mapping[str, Sequence[Point]],
    confirmed: Sequence[tuple[float, float, str]],
) -> list[str]:
    """Say who wins where, and how sure that is."""
    number = len(across) * len(up)
    told = [
        f"A map of the cheapest technique over {x.label} ({across[0]:g} to {across[-1]:g}) and {y.label} "
        f"({up[0]:g} to {up[-1]:g}), both on logarithmic scales."
    ]
    counts = Counter(name for row in winners for name in row)
    for name, count in counts.most_common():
        where = [across[i] for row in winners for i, found in enumerate(row) if found == name]
        words = called(name)
        told.append(
            f"{words[:1].upper()}{words[1:]}: {count / number:.0%} of the map, at {x.name} from {min(where):.3g} "
            f"to {max(where):.3g}."
        )
    close = sum(second is not None for row in seconds for second in row)
    if seconds:
        told.append(f"In {close / number:.0%} of the map the error bars of the two cheapest overlap.")
    told += [f"A line of theory: {name}." for name in crossover]
    if confirmed:
        told.append(
            "Measured: " + "; ".join(f"{called(name)} at {a:.3g}, {b:.3g}" for a, b, name in confirmed) + "."
        )
    return told
