"""What a run in the sandbox costs beside the ways without it, in one run of this script, so that noise hits all alike.

    python tests/benchmarks/sandbox_speed.py               all ways, 7 rounds; half an hour on two cores
    python tests/benchmarks/sandbox_speed.py --quick       one round without the slow ways; a minute or two
    python tests/benchmarks/sandbox_speed.py --only empty,torch_cnn --rounds 3 --json --out figures.json

Ratios count; seconds depend on the machine. The programs are tests/data/speed/*.py.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).parents[1]))

from process_table import below, private_bytes
from sandbox_ways import Bubblewrap, Cold, Imported, Jupyter, Plain, Program, Sample, Warm, Way

from sandbox.base import Sandbox
from sandbox.open import open_sandbox
from sandbox.schema import Job

_SPEED = Path(__file__).parents[1] / "data" / "speed"
_PROGRAMS = {"empty": "pytorch", "torch_cnn": "pytorch", "keras_fit": "tensorflow"}
_HOLD = "\nimport time; time.sleep(0.4)\n"
_ENDLESS = "print('on', flush=True)\nwhile True: pass\n"
Figures = dict[str, Any]


def main() -> None:
    options = _options()
    programs = [_program(name) for name in options.only.split(",")]
    with open_sandbox() as sandbox:
        ways: list[Way] = [Warm(sandbox), Imported(), Plain(), *([] if options.quick else _SLOW)]
        figures = measure(programs, ways, sandbox, options)
    text = json.dumps(figures, indent=2)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")
    print(text if options.json else page(figures))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(_PROGRAMS), help="programs, separated by commas")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--warm-runs", type=int, default=5, help="warm runs in each round")
    parser.add_argument("--at-once", type=_numbers, help="for runs per minute, as in 1,2,4,8")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 7)
    options.at_once = options.at_once or ([1, 2] if options.quick else [1, 2, 4, 8])
    return options


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def _program(name: str) -> Program:
    return Program(name=name, runtime=_PROGRAMS[name], source=(_SPEED / f"{name}.py").read_text(encoding="utf-8"))


def measure(programs: list[Program], ways: list[Way], sandbox: Sandbox, options: argparse.Namespace) -> Figures:
    left_out = {way.name: reason for way in ways if (reason := way.missing()) is not None}
    ways = [way for way in ways if way.name not in left_out]
    for program in programs:
        Warm(sandbox).run(program)
    samples = _rounds(programs, ways, options)
    return {
        "machine": {"cores": len(os.sched_getaffinity(0)), "kernel": os.uname().release, "rounds": options.rounds},
        "tier": sandbox.tier,
        "ways": {way.name: way.says for way in ways},
        "left_out": left_out,
        "programs": {
            program.name: {
                way.name: _summary(samples[program.name, way.name]) | {"private_mb": _private_mb(program, way)}
                for way in ways
            }
            for program in programs
        },
        "runs_per_minute": {
            program.name: {
                way.name: {str(n): _runs_per_minute(program, way, at_once=n) for n in options.at_once}
                for way in ways
                if isinstance(way, Warm) or (type(way) is Plain and not options.quick)
            }
            for program in programs
        },
        "cancelled_ms": _cancellations(programs[0], sandbox, runs=5 if options.quick else 20),
    }


def _rounds(
    programs: list[Program], ways: list[Way], options: argparse.Namespace
) -> dict[tuple[str, str], list[Sample]]:
    """In turn, each round beginning with another way."""
    samples: dict[tuple[str, str], list[Sample]] = {}
    for number in tqdm(range(options.rounds), desc="rounds", disable=None):
        for program in programs:
            for way in ways[number % len(ways) :] + ways[: number % len(ways)]:
                repeats = options.warm_runs if isinstance(way, Warm) else 1
                taken = [way.run(program) for _ in range(repeats)]
                samples.setdefault((program.name, way.name), []).extend(taken)
    return samples


def _summary(samples: list[Sample]) -> Figures:
    walls, cpus = sorted(one.wall_s for one in samples), sorted(one.cpu_s for one in samples)
    last = round(0.95 * (len(samples) - 1))
    names = ("wall_median_s", "wall_p95_s", "cpu_median_s", "cpu_p95_s")
    values = (median(walls), walls[last], median(cpus), cpus[last])
    return {"runs": len(samples)} | {name: round(value, 4) for name, value in zip(names, values, strict=True)}


def _private_mb(program: Program, way: Way) -> float | None:
    """The most that the processes of one more run, held at its end, were seen to have for themselves."""
    if isinstance(way, Imported):
        return None
    held = program.model_copy(update={"source": program.source + _HOLD})
    before, most, done = below(os.getpid()), 0, threading.Event()

    def sample() -> None:
        nonlocal most
        while not done.wait(0.05):
            most = max(most, private_bytes(below(os.getpid()) - before))

    with ThreadPoolExecutor(1) as pool:
        sampling = pool.submit(sample)
        try:
            way.run(held)
        finally:
            done.set()
        sampling.result()
    return round(most / (1 << 20), 1) or None


def _runs_per_minute(program: Program, way: Way, *, at_once: int) -> float:
    runs = max(2 * at_once, 16) if isinstance(way, Warm) else max(at_once, 2)
    started = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(lambda _: way.run(program), range(runs)))
    return round(60 * runs / (time.perf_counter() - started), 1)


def _cancellations(program: Program, sandbox: Sandbox, *, runs: int) -> Figures:
    """Milliseconds from `cancel.set()` to the return of run(), and to the end of the run's last process."""
    returned, gone = [], []
    job = Job(runtime=program.runtime, argv=["main.py"], files={"main.py": program.source + _ENDLESS})
    for _ in range(runs):
        before, cancel, at = len(below(os.getpid())), threading.Event(), 0.0

        def cancelled(_: str, cancel: threading.Event = cancel) -> None:
            nonlocal at
            at = time.perf_counter()
            cancel.set()

        result = sandbox.run(job, cancel=cancel, on_output=_once(cancelled))
        returned.append(1e3 * (time.perf_counter() - at))
        if result.reason != "It was cancelled.":
            raise RuntimeError(f"the run was not cancelled: {result.reason}")
        while len(below(os.getpid())) > before:
            time.sleep(0.001)
        gone.append(1e3 * (time.perf_counter() - at))
    return {
        name: {"median": round(median(times), 1), "most": round(max(times), 1)}
        for name, times in (("returned", returned), ("gone", gone))
    }


def _once(action: Callable[[str], None]) -> Callable[[str], None]:
    waiting = [action]
    return lambda text: waiting.pop()(text) if waiting else None


def page(figures: Figures) -> str:
    """The figures as a person reads them."""
    lines = [f"{name:<12}{says}" for name, says in figures["ways"].items()]
    lines += [f"{name:<12}left out: {reason}" for name, reason in figures["left_out"].items()]
    for program, ways in figures["programs"].items():
        heads = ("wall ms", "p95", "cpu ms", "p95", "private MB", "x warm")
        lines += ["", f"{program:<12}" + "".join(f"{head:>12}" for head in heads)]
        lines += [f"{name:<12}{_row(one, ways['warm'])}" for name, one in ways.items()]
        for name, rates in figures["runs_per_minute"][program].items():
            told = ", ".join(f"{rate:g} with {at_once} at once" for at_once, rate in rates.items())
            lines.append(f"{name}, runs per minute: {told}")
    lines += ["", f"cancelled, ms: {json.dumps(figures['cancelled_ms'])}"]
    return "\n".join(lines)


def _row(one: Figures, warm: Figures) -> str:
    times = [one[key] * 1e3 for key in ("wall_median_s", "wall_p95_s", "cpu_median_s", "cpu_p95_s")]
    ratio = one["wall_median_s"] / warm["wall_median_s"]
    return "".join(f"{ms:>12.0f}" for ms in times) + f"{one['private_mb'] or '':>12}{ratio:>12.2f}"


_SLOW = [Cold(), Bubblewrap(), Jupyter()]


if __name__ == "__main__":
    sys.exit(main())
