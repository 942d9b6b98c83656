"""Where a name can be written on a map of cells: the regions that cells of one kind make, and the room in them."""

from __future__ import annotations

from collections.abc import Sequence

from rtlab.view.layout import Point

DOT = 7.0  # points around a dot's centre that no name is written into

Cells = list[tuple[int, int]]  # (row, column)


def regions(winners: Sequence[Sequence[str]], name: str) -> list[Cells]:
    """Return the cells of one winner, those that touch together."""
    left = {(j, i) for j, row in enumerate(winners) for i, winner in enumerate(row) if winner == name}
    found: list[Cells] = []
    while left:
        region: Cells = []
        edge = [left.pop()]
        while edge:
            j, i = edge.pop()
            region.append((j, i))
            near = {(j + 1, i), (j - 1, i), (j, i + 1), (j, i - 1)} & left
            left -= near
            edge += near
        found.append(region)
    return found


def place(
    region: set[tuple[int, int]],
    columns: Sequence[float],
    rows: Sequence[float],
    wide: float,
    high: float,
    dots: Sequence[Point],
) -> Point | None:
    """Return the place nearest to a region's middle where a box of this size fits beside the dots; None: nowhere."""

    def centre(cell: tuple[int, int]) -> Point:
        j, i = cell
        return (columns[i] + columns[i + 1]) / 2, (rows[j] + rows[j + 1]) / 2

    def fits(cell: tuple[int, int]) -> bool:
        x, y = centre(cell)
        inside_x = [
            i for i in range(len(columns) - 1) if columns[i] < x + wide / 2 and columns[i + 1] > x - wide / 2
        ]
        inside_y = [j for j in range(len(rows) - 1) if rows[j + 1] < y + high / 2 and rows[j] > y - high / 2]
        inside = columns[0] <= x - wide / 2 and x + wide / 2 <= columns[-1]
        inside = inside and rows[-1] <= y - high / 2 and y + high / 2 <= rows[0]
        inside = inside and not any(
            abs(a - x) < wide / 2 + DOT and abs(b - y) < high / 2 + DOT for a, b in dots
        )
        return inside and all((j, i) in region for j in inside_y for i in inside_x)

    middles = [centre(cell) for cell in region]
    mean = sum(x for x, _ in middles) / len(middles), sum(y for _, y in middles) / len(middles)
    near = sorted(region, key=lambda cell: sum((a - b) ** 2 for a, b in zip(centre(cell), mean, strict=True)))
    return next((centre(cell) for cell in near if fits(cell)), None)
