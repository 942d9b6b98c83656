"""The page that `rtlab compare --html` writes: one file, no network, no script; light or dark as its reader."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from html import escape
from math import isfinite
from string import Template

from rtlab.measure.result import Result
from rtlab.report import figures
from rtlab.report.pictures import Pictures
from rtlab.technique import NAMES
from rtlab.view.picture import SHOWN_DPI, Picture
from rtlab.view.style import STYLESHEET
from rtlab.view.tally import count

LAYOUT = """\
body{padding:0 16px}
main{max-width:860px;margin:0 auto;padding:24px 0 64px}
h1{font-size:24px;line-height:1.25;margin:.6em 0 .3em}
h2{font-size:17px;margin:2.2em 0 .6em}
img{display:block;width:100%;min-width:600px;height:auto}
.rtlab .bars{margin:0 0 1.4em}.rtlab .bars th{white-space:nowrap}.bars td{width:99%;white-space:nowrap}
.bars i{display:inline-block;height:.8em;margin-right:.6em;vertical-align:baseline}
"""
CSS = """\
.rtlab p,.rtlab li{max-width:68ch}
.rtlab ul{padding-left:1.2em;margin:.4em 0}
.rtlab .scroll{overflow-x:auto}
.rtlab .figures td,.rtlab .figures thead th{text-align:right;white-space:nowrap;padding-left:.9em}
.rtlab .figures tbody th{white-space:nowrap}
.rtlab .figures thead th{font-size:13px;white-space:normal;vertical-align:bottom}
.rtlab .figures .below{border-top:0}
.rtlab .figures .below th{padding-left:1em}
.rtlab .figures .below>*{color:var(--quiet-text);padding-top:0}
"""
PAGE = Template("""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>rtlab: techniques compared</title>
<style>
$css</style>
<body class="rtlab">
<main>
<h1>$heading</h1>
<p class="quiet">$when. $workload.</p>
<p>$delivered</p>
<h2>Figures</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Figures">$table</div>
<h2>Latency</h2>
$latency
$distribution
<h2>What it costs for each event</h2>
$bars
<h2>Mean latency beside theory</h2>
$agreement
<h2>Doubts</h2>
$doubts
<h2>The machine, and how it was measured</h2>
<p>$machine.</p>
<p>Server, publisher, clients and the relay that delays and counts are processes of their own; each technique ran alone,
with the same events. Latency is from an event's append at the server to its arrival at the client, on one monotonic
clock. Events came by the clock, whoever was late. Bytes are what the relay handed over, both ways, heads included;
requests, bytes and CPU are those of the counted time, without the opening of the connections. Memory is what the
server held more once its clients had come, with the kernel's socket buffers. Theory is a closed form where there is
one, else a simulation of the same events; the band of a simulation holds the middle 95 % of ten
runs with other events.</p>
</main>
</body>
</html>
""")


def page(results: Sequence[Result]) -> str:
    """Return the page, whole."""
    pictures = Pictures(results)
    return PAGE.substitute(
        css=STYLESHEET + LAYOUT + CSS,
        heading=f"{count(len(results), 'technique')} on the same workload",
        when=datetime.now().astimezone().strftime("%Y-%m-%d, %H:%M %Z"),
        workload=escape(figures.workload(results[0].setup)),
        delivered=escape(figures.delivered(results)),
        table=_table(results),
        latency=_picture(pictures.latency) if pictures.results else "<p>No event arrived.</p>",
        distribution=_picture(pictures.distribution) if pictures.results else "",
        bars="".join(_bars(results, *bar) for bar in BARS),
        agreement=_list(figures.agreement(results)),
        doubts=_list(figures.doubts(results)) or "<p>None.</p>",
        machine=escape(figures.machine()),
    )


def fragment(results: Sequence[Result]) -> str:
    """Return what a notebook shows of it: the table, and the doubts."""
    doubts = _list(figures.doubts(results))
    return (
        f'<p class="quiet">{escape(figures.workload(results[0].setup))}.</p><div class="scroll">{_table(results)}</div>'
        f"<p>{escape(figures.delivered(results))}</p>{f'<p>Doubts</p>{doubts}' if doubts else ''}"
    )


def _table(results: Sequence[Result]) -> str:
    """The figures: a column for each technique."""
    heads = "".join(
        f'<th scope="col"><span aria-hidden="true" style="color:var(--{result.technique})">●</span> '
        f"{escape(NAMES[result.technique])}</th>"
        for result in results
    )
    rows = "".join(
        f'<tr{" class=below" if line.is_below else ""}><th scope="row">{escape(line.name)}</th>'
        f"{''.join(f'<td>{escape(value)}</td>' for value in line.values)}</tr>"
        for line in figures.lines(results)
    )
    return f'<table class="figures"><thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _picture(draw: Callable[..., Picture]) -> str:
    """A picture for a light and a dark page, with what it shows in words."""
    light, dark = draw(dark=False), draw(dark=True)
    width, height = (round(inches * SHOWN_DPI) for inches in light.figure.get_size_inches())
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Picture">'
        f'<picture><source media="(prefers-color-scheme:dark)" srcset="{_data(dark)}">'
        f'<img src="{_data(light)}" width="{width}" height="{height}" alt="{escape(light.description)}">'
        "</picture></div>"
    )


def _data(picture: Picture) -> str:
    return f"data:image/png;base64,{b64encode(picture.png).decode()}"


BARS: tuple[tuple[str, Callable[[Result], float], Callable[[float], str]], ...] = (
    ("Bytes, both ways", lambda r: r.bytes_per_event, lambda value: figures.number(value, whole=True)),
    ("Requests", lambda r: r.requests_per_event, figures.number),
    ("Server CPU", lambda r: r.cpu_per_event, figures.time),
)


def _bars(
    results: Sequence[Result], caption: str, of: Callable[[Result], float], say: Callable[[float], str]
) -> str:
    """A bar for each technique, with its figure in words."""
    most = max((of(result) for result in results if isfinite(of(result))), default=0.0) or 1.0

    def bar(result: Result) -> str:
        value = of(result)
        width = 62 * value / most if isfinite(value) else 0.0
        drawn = f'<i style="width:{width:.1f}%;background:var(--{result.technique})"></i>'
        return f'<tr><th scope="row">{escape(NAMES[result.technique])}</th><td>{drawn}{escape(say(value))}</td></tr>'

    rows = "".join(map(bar, results))
    return f'<table class="bars"><caption>{escape(caption)}</caption><tbody>{rows}</tbody></table>'


def _list(about: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    """What is said about each technique."""
    items = (f"<li>{escape(name)}: {escape('; '.join(sentences))}.</li>" for name, sentences in about)
    return f"<ul>{''.join(items)}</ul>" if about else ""
