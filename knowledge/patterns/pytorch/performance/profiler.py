# /// pattern
# id = "pt.performance.profiler"
# topic = "performance.profiling"
# questions = [
#   "torch.profiler example cpu",
#   "which layer of my model is slow",
#   "record_function label in profiler",
#   "profile a training loop with schedule wait warmup active",
#   "export_chrome_trace pytorch",
#   "find the bottleneck in training",
#   "cuda_time_total has been deprecated",
#   "torch profilr key_averages table",
# ]
# errors = [
#   "FutureWarning: `cuda_time_total` is deprecated. Use `device_time_total` instead.",
#   "AssertionError: Profiler must be initialized before getting key averages",
# ]
# apis = ["torch.profiler.profile", "torch.profiler.record_function", "torch.profiler.schedule"]
# replaces = ["torch.autograd.profiler.profile", "profile(use_cuda=True)", "cuda_time_total"]
# why = """The profiler counts every operator and its time, and record_function gives parts of the program a name of
# their own. A schedule leaves out the first steps, in which memory is allocated and kernels are chosen, and keeps the
# trace small: without it a run of hours fills the disk."""
# pitfalls = """step() must be called once per iteration, or the schedule never advances. It costs time itself: trust
# the shares, not the seconds. Sort by self time, or parents hide their children."""
# when_not = "How long does it take at all: torch.utils.benchmark.Timer, which warms up and repeats."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises AssertionError: Profiler must be initialized before getting key averages"
# ///
"""Profile a training loop: named parts, chosen steps, and the operators that cost most."""

import json
import tempfile
from pathlib import Path

import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile, record_function, schedule

ACTIVE = 2


def train_profiled(model: nn.Module, batches: list[torch.Tensor], trace: Path) -> dict[str, int]:
    """Train on batches (B, 64), write a trace for chrome://tracing, and return how often each part was seen."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    activities = [ProfilerActivity.CPU]
    if torch.cuda.is_available():
        activities.append(ProfilerActivity.CUDA)
    steps = schedule(wait=1, warmup=1, active=ACTIVE, repeat=1)  # the first step is left out, the second warms up
    with profile(activities=activities, schedule=steps) as profiler:
        for x in batches:
            with record_function("## forward"):
                loss = model(x).square().mean()
            with record_function("## backward"):
                optimizer.zero_grad()
                loss.backward()
            with record_function("## optimizer"):
                optimizer.step()
            profiler.step()  # one iteration is over
    profiler.export_chrome_trace(str(trace))
    averages = profiler.key_averages()
    print(averages.table(sort_by="self_cpu_time_total", row_limit=5, max_name_column_width=30))
    return {event.key: event.count for event in averages}


if __name__ == "__main__":
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.json"
        counts = train_profiled(model, [torch.randn(32, 64) for _ in range(6)], path)
        events = json.loads(path.read_text(encoding="utf-8"))["traceEvents"]
    assert all(counts[part] == ACTIVE for part in ("## forward", "## backward", "## optimizer"))
    assert counts["aten::linear"] == 3 * ACTIVE  # three layers, in each of the two steps
    assert counts["aten::relu"] == 2 * ACTIVE
    named = [event for event in events if event.get("name") == "## forward" and event.get("ph") == "X"]
    assert len(named) >= ACTIVE and all(event["dur"] > 0 for event in named)
