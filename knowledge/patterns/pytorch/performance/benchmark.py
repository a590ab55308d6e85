# /// pattern
# id = "pt.performance.benchmark"
# topic = "performance.profiling"
# twin = "tf.performance.benchmark"
# questions = [
#   "measure inference time of a pytorch model correctly",
#   "torch.utils.benchmark Timer example",
#   "time.time gives wrong gpu timing",
#   "compare two implementations speed torch",
#   "first call is slow warm-up benchmark",
#   "torch.cuda.synchronize timing",
#   "latency p50 p95 of a model",
#   "benchmrk pytorch function",
# ]
# apis = ["torch.utils.benchmark.Timer", "torch.utils.benchmark.Measurement", "torch.utils.benchmark.Compare"]
# replaces = ["time.time() around one call", "timeit.timeit", "%timeit on a GPU"]
# why = """The first call pays for allocations, kernel choice and compilation, and GPU calls return before the work is
# done: one call between two clocks measures neither. Timer warms up, waits for the device, repeats until the figure is
# steady and reports the median with its spread, on one thread unless told otherwise."""
# pitfalls = """num_threads=1 is its default, which makes runs comparable but is not what a server does. Compare on the
# shapes that you will meet, in eval mode and without gradients."""
# when_not = "Which part of it is slow: torch.profiler."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the first call took"
# ///
"""Measure how long a function takes: warmed up, repeated, with the spread, and two ways side by side."""

import torch
from torch.utils.benchmark import Compare, Measurement, Timer


def one_by_one(x: torch.Tensor) -> torch.Tensor:
    """Rows (N, D) to their squared norms (N,), in a Python loop."""
    return torch.stack([(row * row).sum() for row in x])


def at_once(x: torch.Tensor) -> torch.Tensor:
    """The same in one product."""
    return torch.einsum("nd,nd->n", x, x)


def measure(name: str, x: torch.Tensor, *, seconds: float = 0.1) -> Measurement:
    """Time one of the functions above on x."""
    timer = Timer(
        stmt=f"{name}(x)",
        globals={name: globals()[name], "x": x},
        label="squared norms",
        sub_label=name,
        description=f"{len(x)} rows",
    )
    return timer.blocked_autorange(min_run_time=seconds)


if __name__ == "__main__":
    torch.manual_seed(0)
    measurements = []
    for rows in (100, 1000):
        x = torch.randn(rows, 16)
        torch.testing.assert_close(one_by_one(x), at_once(x))  # first right, then fast
        slow, fast = measure("one_by_one", x), measure("at_once", x)
        assert slow.number_per_run * len(slow.times) >= 1 and len(fast.times) > 1
        assert slow.median > 5 * fast.median
        measurements += [slow, fast]
    Compare(measurements).print()
    small, large = measurements[0], measurements[2]
    assert large.median > 2 * small.median  # ten times the rows
