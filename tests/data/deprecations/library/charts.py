from typing import overload

from framework import deprecation


class Plotter:
    pass


@deprecation.deprecated(None, "Use `library.draw_all` instead.")
@deprecation.deprecated_args("2030-01-01", "Use `color=` instead.", "colour", ("shade", False))
def draw(x, colour=None, shade=False):
    pass


@overload
@deprecation.deprecated(None, "Use `library.draw_all` for several.")
def draw_all(x: list): ...


def draw_all(x):
    pass
