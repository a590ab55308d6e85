"""A curve as inline SVG: axes with round ticks, a title to hover on each point, colours from the page's style sheet."""

import math
from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT = 480, 270
LEFT, RIGHT, TOP, BOTTOM = 64, 14, 14, 44
MOST_HOVERED = 120
"""Points with a title to hover; the line is drawn through all."""
LOG_RANGE = 100.0
"""Ratio of the largest to the smallest value from which on the vertical axis is logarithmic."""

Points = Sequence[tuple[int, float]]


def curve(points: Points, *, name: str) -> str:
    """The SVG element, or nothing where fewer than two values are finite. Values that are not leave a gap."""
    finite = [(step, value) for step, value in points if math.isfinite(value)]
    if len(finite) < 2:
        return ""
    values = [value for _, value in finite]
    log = min(values) > 0 and max(values) / min(values) > LOG_RANGE
    across = _Axis(finite[0][0], finite[-1][0], LEFT, WIDTH - RIGHT)
    up = _Axis(min(values), max(values), HEIGHT - BOTTOM, TOP, log=log)
    parts = [*_ticks_across(across), *_ticks_up(up), *_lines(points, across, up), *_hovers(finite, across, up, name)]
    told = f"{name} from {values[0]:.4g} to {values[-1]:.4g} over {finite[-1][0] - finite[0][0]:,} steps"
    labels = (
        f'<text class="label" x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 6}" text-anchor="middle">'
        f"optimiser step</text>"
    )
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(told)}">'
        f"{''.join(parts)}{labels}</svg>"
    )


class _Axis:
    """From values to places, with a little room where all values are the same."""

    def __init__(self, low: float, high: float, start: float, end: float, *, log: bool = False) -> None:
        self.log = log
        if low == high:
            low, high = low - (abs(low) or 1.0) * 0.5, high + (abs(high) or 1.0) * 0.5
        self.low, self.high, self.start, self.end = low, high, start, end

    def place(self, value: float) -> float:
        low, high, at = (
            (math.log10(self.low), math.log10(self.high), math.log10(value))
            if self.log
            else (self.low, self.high, value)
        )
        return self.start + (at - low) / (high - low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Round values within the range: powers of ten, or multiples of 1, 2 or 5 times one."""
        if self.log:
            powers = range(math.ceil(math.log10(self.low)), math.floor(math.log10(self.high)) + 1)
            return [10.0**power for power in powers][:: max(1, len(powers) // 5)]
        rough = (self.high - self.low) / 5
        unit = 10.0 ** math.floor(math.log10(rough))
        step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
        first, last = math.ceil(self.low / step), math.floor(self.high / step + 1e-9)
        return [n * step for n in range(first, last + 1)]


def _ticks_across(axis: _Axis) -> list[str]:
    base = HEIGHT - BOTTOM
    ticks = [tick for tick in axis.ticks() if tick == round(tick)]
    return [
        f'<line class="axis" x1="{LEFT}" y1="{base}" x2="{WIDTH - RIGHT}" y2="{base}"/>',
        *(
            f'<text class="tick" x="{axis.place(tick):.1f}" y="{base + 18}" text-anchor="middle">{tick:,.0f}</text>'
            for tick in ticks
        ),
    ]


def _ticks_up(axis: _Axis) -> list[str]:
    return [
        f'<line class="grid" x1="{LEFT}" y1="{axis.place(tick):.1f}" x2="{WIDTH - RIGHT}" y2="{axis.place(tick):.1f}"/>'
        f'<text class="tick" x="{LEFT - 8}" y="{axis.place(tick) + 5:.1f}" text-anchor="end">{tick:.4g}</text>'
        for tick in axis.ticks()
    ]


def _lines(points: Points, across: _Axis, up: _Axis) -> list[str]:
    """One line for each stretch of finite values."""
    stretches: list[list[str]] = [[]]
    for step, value in points:
        if math.isfinite(value):
            stretches[-1].append(f"{across.place(step):.1f},{up.place(value):.1f}")
        elif stretches[-1]:
            stretches.append([])
    return [f'<polyline class="line" points="{" ".join(one)}"/>' for one in stretches if one]


def _hovers(finite: Points, across: _Axis, up: _Axis, name: str) -> list[str]:
    every = -(-len(finite) // MOST_HOVERED)
    return [
        f'<circle class="point" cx="{across.place(step):.1f}" cy="{up.place(value):.1f}" r="6">'
        f"<title>step {step:,}: {escape(name)} {value:.6g}</title></circle>"
        for step, value in finite[::every]
    ]
