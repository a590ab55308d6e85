"""Where a program's parameters lived, and whether the GPU that it had did anything for it."""

from types import SimpleNamespace

import pytest

from assistant.report.figures import metrics
from sandbox.evidence import read_evidence
from sandbox.findings.devices import asks_for_gpu, devices, gpu_use
from sandbox.findings.finding import Maker
from sandbox.report import Metrics, RunReport, Validation
from sandbox.schema import ExecResult, GpuUse
from sandbox.verify import verify

TORCH = """import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
inputs = torch.randn(64, 4)
targets = inputs.sum(dim=1, keepdim=True)
for _ in range(20):
    optimizer.zero_grad()
    nn.functional.mse_loss(model(inputs), targets).backward()
    optimizer.step()
"""
KERAS = """import keras
import numpy as np

keras.utils.set_random_seed(0)
inputs = np.random.default_rng(0).normal(size=(64, 4))
model = keras.Sequential([keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(inputs, inputs.sum(axis=1, keepdims=True), epochs=2, verbose=0)
"""


@pytest.mark.parametrize(
    ("line", "asks"),
    [
        ('device = torch.device("cuda")', True),
        ('device = "cuda:1" if torch.cuda.is_available() else "cpu"', True),
        ('use = not args.cpu and torch.cuda.is_available(); device = "cuda" if use else "cpu"', True),
        ('model.to(device="cuda")', True),
        ("model = model.cuda()", True),
        ('with tf.device("/GPU:0"): pass', True),
        ('with tf.device("/device:gpu:1"): pass', True),
        ("print(torch.cuda.is_available())", False),
        ('tf.config.list_physical_devices("GPU")', False),
        ('print("cuda")', False),
        ('pinned = device.type == "cuda"', False),
        ('parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")', False),
        ('device = "cuda" if args.gpu else "cpu"', False),
        ("torch.cuda.manual_seed_all(0)", False),
        ('"""Trains on cuda where there is one."""', False),
        ("def broken(:", False),
    ],
)
def test_naming_a_gpu_to_compute_on_asks_for_one(line, asks):
    assert asks_for_gpu({"notes.md": '"cuda"', "train.py": f"\n{line}\n"}) == (("train.py", 2) if asks else None)


def evidence(*names):
    sections = {"devices": {"parameters": dict.fromkeys(names, 4)}}
    return read_evidence([{"kind": "facts", "steps": 3, "backwards": 3, "sections": sections}])


def result(gpu):
    nothing = {"stdout": "", "stderr": "", "truncated": False, "wall_s": 1.0, "cpu_s": 1.0, "peak_memory_mb": 1.0}
    return ExecResult(status="ok", exit_code=0, tier="A", warm=True, gpu=gpu, **nothing)


def found(names, text, gpu):
    return list(gpu_use(evidence(*names), result(gpu), {"train.py": text}, Maker("train.py")))


IDLE, BUSY, UNKNOWN = (GpuUse(name="Card", used=used) for used in (False, True, None))
ASKS = 'import torch\ndevice = "cuda" if torch.cuda.is_available() else "cpu"\n'
ON_CPU = "/job:localhost/replica:0/task:0/device:CPU:0"
ON_GPU = "/job:localhost/replica:0/task:0/device:GPU:0"


@pytest.mark.parametrize(
    ("names", "text", "gpu", "severity", "line"),
    [
        (["cpu"], ASKS, IDLE, "warning", 2),
        (["cpu"], ASKS, UNKNOWN, "warning", 2),
        (["cpu"], ASKS, BUSY, "warning", 2),
        (["cuda:0"], ASKS, IDLE, "warning", None),
        ([ON_CPU], 'import tensorflow as tf\nwith tf.device("/GPU:0"): pass\n', IDLE, "warning", 2),
        ([ON_CPU], "import keras\n", IDLE, "info", None),
    ],
)
def test_a_gpu_that_did_nothing_for_a_program_is_told_of(names, text, gpu, severity, line):
    (one,) = found(names, text, gpu)
    assert (one.id, one.severity, one.line) == ("gpu-not-used", severity, line)
    assert "Card" in one.message or severity == "warning"


@pytest.mark.parametrize(
    ("names", "text", "gpu"),
    [
        (["cuda:0"], ASKS, BUSY),
        (["cuda:0"], ASKS, UNKNOWN),
        ([ON_GPU], "import keras\n", BUSY),
        (["cpu"], ASKS, None),
        (["cpu"], "import torch\n# faster on cuda\n", IDLE),
        ([], ASKS, IDLE),
        ([ON_CPU], 'import tensorflow as tf\ntf.config.set_visible_devices([], "GPU")\n', IDLE),
    ],
)
def test_nothing_is_said_of_gpus_that_were_used_not_there_or_not_asked_for(names, text, gpu):
    assert found(names, text, gpu) == []


@pytest.mark.parametrize(
    ("names", "told"),
    [([], []), (["cuda:0", "cpu"], ["cpu", "cuda:0"]), ([ON_GPU], ["GPU:0"]), (["x" * 500], ["x" * 40])],
)
def test_devices_are_named_as_the_framework_names_them(names, told):
    assert devices(evidence(*names)) == told


@pytest.mark.parametrize(
    ("gpu", "told"),
    [
        (None, {}),
        (IDLE, {"trained on": "cpu", "GPU": "Card, not used"}),
        (UNKNOWN, {"trained on": "cpu", "GPU": "Card, of whose use its driver told nothing"}),
        (
            GpuUse(name="Card", used=True, peak_memory_mb=2048.4),
            {"trained on": "cpu", "GPU": "Card, used by the program, with at most 2,048 MB"},
        ),
    ],
)
def test_a_report_tells_of_a_gpu_only_where_the_program_had_one(gpu, told):
    report = RunReport(
        status="passed", framework="pytorch", path="train.py", checks=[], wall_s=1.0,
        validation=Validation(), metrics=Metrics(device="cpu"), gpu=gpu,
    )  # fmt: skip
    assert dict(metrics(report)) == told


class Hooks:
    """A record that keeps what listens to it."""

    def on(self, event, hook):
        setattr(self, event, hook)


def test_a_model_that_is_brought_back_to_the_cpu_was_trained_where_its_steps_were_made(observe):
    torch = pytest.importorskip("torch")
    record, model = Hooks(), torch.nn.Linear(2, 2, device="meta")
    seen = getattr(observe, "torch.devices").Devices(SimpleNamespace(record=record))
    for _ in range(5):
        record.stepped(torch.optim.SGD(model.parameters(), lr=0.1))
    brought_back = SimpleNamespace(module=torch.nn.Linear(2, 2))
    assert list(seen.facts(brought_back)["parameters"]) == ["meta"]


@pytest.mark.parametrize(
    ("text", "framework", "device"),
    [(TORCH, "pytorch", "cpu"), pytest.param(KERAS, "tensorflow", "CPU:0", marks=pytest.mark.slow)],
)
def test_the_report_says_where_the_parameters_were_trained(text, framework, device, sandbox):
    report = verify({"train.py": text}, framework=framework, sandbox=sandbox, tests=False, repeat=False)
    if report.gpu is not None:
        pytest.skip("this machine has a GPU")
    assert (report.metrics.device, report.metrics.peak_gpu_memory_mb) == (device, None)
    assert "gpu-not-used" not in {one.id for one in report.findings}
