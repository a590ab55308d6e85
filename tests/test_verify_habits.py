"""Programs with habits that get in the way of watching them: the report still comes, or says what stopped it."""

from pathlib import Path

import pytest

from sandbox.schema import Limits
from sandbox.verify import verify

SCRIPTS = Path(__file__).parent / "data" / "scripts"
SLOW = pytest.mark.slow
FIT = "fit(model, train)\nprint(evaluate(model))\n"
POOL = """
if __name__ == "__main__":
    import multiprocessing
    with multiprocessing.get_context("{}").Pool(2) as pool:
        print(pool.map(abs, [-1, 2, -3]))
    fit(model, train)
    print(evaluate(model))
"""
HABITS = {
    "a child that trains as well": """
import os
pid = os.fork()
if pid == 0:
    fit(model, train)
    os._exit(0)
os.waitpid(pid, 0)
"""
    + FIT,
    "training in a thread": """
import threading
worker = threading.Thread(target=fit, args=(model, train))
worker.start()
worker.join()
print(evaluate(model))
""",
    "another working folder": "import os, tempfile\nos.chdir(tempfile.mkdtemp())\n"
    + FIT
    + 'torch.save(model.state_dict(), "model.pt")\n',
    "output that goes elsewhere": """
import contextlib, io, sys
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    fit(model, train)
sys.stdout = open("/tmp/log.txt", "w")
print(evaluate(model))
""",
    "an end by sys.exit": FIT + "import sys\nsys.exit(0)\n",
    "hooks of its own": """
import sys
norms = []
model[0].register_forward_hook(lambda module, inputs, output: norms.append(float(output.detach().norm())))
model[0].weight.register_hook(lambda gradient: gradient.clamp(-1, 1))
optimizer.register_step_post_hook(lambda *arguments: None)
call = nn.Module.__call__
nn.Module.__call__ = lambda self, *args, **kwargs: call(self, *args, **kwargs)
sys.excepthook = lambda *arguments: None
"""
    + FIT,
    "a method named train with another meaning": """
class Own(nn.Sequential):
    def train(self, data, epochs):
        for a, b in data * epochs:
            optimizer.zero_grad()
            nn.functional.cross_entropy(self(a), b).backward()
            optimizer.step()

own = Own(*model)
own.train(list(train), 5)
with torch.no_grad():
    print([int((own(a).argmax(1) == b).sum()) for a, b in test])
""",
    "a compiled model": 'model = torch.compile(model, backend="eager")\n' + FIT,
    "workers that load": """
if __name__ == "__main__":
    fit(model, DataLoader(train.dataset, batch_size=32, shuffle=True, num_workers=2))
    print(evaluate(model))
""",
    "forked workers": POOL.format("fork"),
}
SLOW_HABITS = {"spawned workers": POOL.format("spawn")}


def check(code, sandbox, **files):
    return verify(
        {"train.py": code, **files},
        framework="pytorch",
        sandbox=sandbox,
        entry="train.py",
        limits=Limits(wall_s=90),
        tests=False,
    )


def program(tail):
    return (SCRIPTS / "torch_habits.py").read_text() + "\n" + tail


@pytest.mark.parametrize(
    "tail",
    [*(pytest.param(tail, id=name) for name, tail in HABITS.items())]
    + [pytest.param(tail, id=name, marks=SLOW) for name, tail in SLOW_HABITS.items()],
)
def test_the_report_comes_whatever_the_program_does_around_its_training(tail, sandbox):
    report = check(program(tail), sandbox)
    assert report.status == "passed"
    assert report.metrics.training_steps == 30
    assert report.metrics.evaluation["accuracy"] > 0.8


def test_arguments_that_are_missing_are_asked_for(sandbox):
    tail = 'import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument("--data", required=True)\n'
    report = check(program(tail + "parser.parse_args()\n" + FIT), sandbox)
    finding = report.findings[0]
    assert report.status == "failed" and finding.id == "arguments-missing"
    assert "--" in finding.fix


def test_a_file_that_is_missing_is_asked_for(sandbox):
    report = check(program('import json\njson.load(open("settings.json"))\n' + FIT), sandbox)
    assert [one.id for one in report.findings] == ["file-missing"]
    assert "--with" in report.findings[0].fix


def test_an_end_with_a_message_is_told_with_it(sandbox):
    report = check(program(FIT + 'import sys\nsys.exit("no checkpoint to resume from")\n'), sandbox)
    assert report.status == "failed"
    assert "no checkpoint to resume from" in report.findings[0].message


def test_modules_packages_and_configuration_files_are_found(sandbox):
    files = {
        "work/__init__.py": "",
        "work/settings.py": "import json\nfrom pathlib import Path\n"
        'EPOCHS = json.loads(Path("settings.json").read_text())["epochs"]\n',
        "work/training.py": "from .settings import EPOCHS\n",
        "settings.json": '{"epochs": 2}',
    }
    report = check(program("from work.training import EPOCHS\nfit(model, train, EPOCHS)\n" + FIT), sandbox, **files)
    assert report.status == "passed" and report.metrics.training_steps == 42


@pytest.mark.parametrize("folder", ["", "src/"])
def test_a_script_in_a_package_may_import_relative_to_itself(folder, sandbox):
    files = {f"{folder}work/__init__.py": "", f"{folder}work/settings.py": "EPOCHS = 3\n"}
    files[f"{folder}work/train.py"] = program("from .settings import EPOCHS\nfit(model, train, EPOCHS)\n" + FIT)
    report = verify(files, framework="pytorch", sandbox=sandbox, tests=False)
    assert report.status == "passed" and report.metrics.training_steps == 48


@pytest.mark.parametrize(
    ("name", "steps"), [("torch_by_hand", 80), ("torch_transforms", 99), ("torch_autograd_grad", 99)]
)
def test_training_without_an_optimiser_or_a_module_is_seen(name, steps, sandbox):
    report = check((SCRIPTS / f"{name}.py").read_text(), sandbox)
    assert report.status == "passed" and not report.findings
    assert report.validation.backward_pass_works and report.validation.training_loop_runs
    assert report.metrics.training_steps >= steps
    assert report.loss_curve[-1][1] < 0.2 * report.loss_curve[0][1]


def test_gradients_that_are_not_used_are_no_training_by_hand(sandbox):
    code = (SCRIPTS / "torch_by_hand.py").read_text()
    code = code.replace("w -= 0.1 * w.grad", "pass").replace("b -= 0.1 * b.grad", "pass")
    report = check(code, sandbox)
    assert report.status == "failed"
    assert "optimizer-step-missing" in [one.id for one in report.findings]


def test_what_was_seen_before_a_run_was_cut_short_is_told(sandbox):
    tail = "import time\nfor _ in range(100):\n    fit(model, train, 1)\n    time.sleep(1)\n"
    report = verify(
        {"train.py": program(tail)}, framework="pytorch", sandbox=sandbox, limits=Limits(wall_s=9), tests=False
    )
    assert "timeout" in [one.id for one in report.findings]
    assert report.metrics.training_steps >= 12 and report.gradient_norms
    assert next(one for one in report.checks if one.id == "parameters-update").status == "passed"


def test_what_takes_too_long_behind_the_training_hides_no_report(sandbox):
    tail = FIT + "import time\nwhile True:\n    time.sleep(0.1)\n"
    report = verify(
        {"train.py": program(tail)}, framework="pytorch", sandbox=sandbox, foreign=True, limits=Limits(wall_s=8)
    )
    assert report.status == "passed" and report.validation.model_loads, report.findings
    assert "ended after 6 s" in report.checks[0].message


def test_a_model_that_is_slow_to_look_at_hides_no_report(sandbox):
    slow = "class Slow(nn.Sequential):\n    def forward(self, x):\n        time.sleep(not self.training)\n"
    slow += "        return super().forward(x)\n\nmodel = Slow(*model)\n"
    report = verify(
        {"train.py": program("import time\n" + slow + FIT)},
        framework="pytorch",
        sandbox=sandbox,
        foreign=True,
        repeat=False,
        limits=Limits(wall_s=7),
    )
    assert "timeout" not in [one.id for one in report.findings]
    assert report.validation.training_loop_runs
    assert "time limit" in " ".join(one.reason for one in report.not_checked)
