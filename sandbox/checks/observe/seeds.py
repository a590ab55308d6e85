"""Which generators a program drew random numbers from, and which it had seeded before. Runs inside the jail.

The generators are only looked at, never drawn from.
"""

import ast
import random
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from observe.record import Record, folder, harmless, is_users, user_frame
from observe.source import tree_of


class Seeds:
    """One entry for each generator that all of a process shares: drawn before or without a seed."""

    def __init__(self, record: Record, states: dict[str, Callable[[], Any]]) -> None:
        """`states` tells the state of each generator, in a form that can be compared."""
        self.record, self.states = record, states
        self.at_start = {name: state() for name, state in states.items()}
        self.seeded: dict[str, tuple[str, int] | None] = {}
        self.drawn_before: dict[str, tuple[str, int] | None] = {}
        self.unseeded: list[tuple[str, int]] = []
        """Where generators of the program's own were made without a seed."""

    def watch(self, name: str, owner: Any, function: str) -> None:
        """Have a seeding function noted; without an argument, or with None, it seeds nothing that can be repeated."""
        original, note = getattr(owner, function), harmless(self.record)(self._seeding)

        @wraps(original)
        def seed(*args: Any, **kwargs: Any) -> Any:
            note(name, [*args, *kwargs.values()][:1])
            return original(*args, **kwargs)

        setattr(owner, function, seed)

    def _seeding(self, name: str, given: list[Any]) -> None:
        place = user_frame()
        if name in self.seeded or not given or given[0] is None or place is None:
            return
        if self.states[name]() != self.at_start[name] and not _is_drawn(place):
            self.drawn_before[name] = place
        self.seeded[name] = place

    def watch_numpy(self) -> None:
        """Generators of the program's own, made without a seed."""
        numpy = sys.modules.get("numpy")
        if numpy is None:
            return
        original, note = numpy.random.default_rng, harmless(self.record)(self._made)

        @wraps(original)
        def default_rng(seed: Any = None) -> Any:
            if seed is None:
                note(sys._getframe(1).f_code.co_filename)
            return original(seed)

        numpy.random.default_rng = default_rng

    def _made(self, caller: str) -> None:
        place = user_frame()
        if is_users(caller) and place is not None and len(self.unseeded) < 20:
            self.unseeded.append(place)

    def facts(self) -> dict[str, Any]:
        drawn = [name for name, state in self.states.items() if state() != self.at_start[name]]
        return {
            "drawn": [name for name in drawn if name not in self.seeded],
            "late": [[name, place] for name, place in self.drawn_before.items()],
            "seeded": [[name, place] for name, place in self.seeded.items()],
            "unseeded": self.unseeded,
            "mentioned": mentions(),
        }


def python_states() -> dict[str, Callable[[], Any]]:
    """Python's own generator and numpy's old one."""
    states: dict[str, Callable[[], Any]] = {"random": lambda: hash(random.getstate())}
    if "numpy" in sys.modules:
        numpy = sys.modules["numpy"]
        states["numpy"] = lambda: _legacy(numpy.random.get_state())
    return states


def _legacy(state: Any) -> int:
    return hash((state[1].tobytes(), *state[2:]))


def _is_drawn(place: tuple[str, int]) -> bool:
    """Whether the seed given at this place is itself a random number, which a program draws to print it."""
    tree = tree_of(place[0])
    if tree is None:
        return False
    calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call) and one.lineno == place[1] and one.args]
    given = {ast.unparse(one.args[0]) for one in calls}
    made = [one for one in ast.walk(tree) if isinstance(one, ast.Assign) and one.lineno < place[1]]
    return any(
        isinstance(one.value, ast.Call) and "rand" in ast.unparse(one.value.func)
        for one in made
        if given & {ast.unparse(target) for target in one.targets}
    )


def mentions() -> list[tuple[str, int]]:
    """Where the files that were run give a seed to anything: `seed=SEED`, `random_state=SEED`, `default_rng(7)`."""
    found = []
    run = {str(getattr(one, "__file__", None)) for one in list(sys.modules.values())}
    for path in sorted(one for one in Path(folder()).glob("*.py") if str(one) in run)[:50]:
        tree = tree_of(path)
        for node in ast.walk(tree) if tree is not None else ():
            if isinstance(node, ast.Call):
                found += [(path.name, node.lineno)] * (any(map(_is_seed, node.keywords)) or _is_seeding(node))
    return found[:20]


def _is_seeding(call: ast.Call) -> bool:
    return bool(call.args) and ast.unparse(call.func).rpartition(".")[2] in (
        "default_rng",
        "RandomState",
        "manual_seed",
    )


def _is_seed(keyword: ast.keyword) -> bool:
    """A number that is written in place makes one split the same; one that has a name is meant for the program."""
    return keyword.arg in ("seed", "random_state") and not isinstance(keyword.value, ast.Constant)
