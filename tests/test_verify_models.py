"""Files that only define a model: made from its signature, its own inputs, or a shape, and looked at."""

import json

import pytest
from click.testing import CliRunner

from assistant.cli import gradproof
from sandbox.schema import Limits
from sandbox.verify import verify

TORCH = """
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.linear = nn.Linear(dim, dim)

    def forward(self, x):
        return x + torch.relu(self.linear(x))


class Net(nn.Module):
    def __init__(self, in_channels, num_classes, dim=16):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, dim, 3, padding=1)
        self.block = Block(dim)
        self.head = nn.Linear(dim, num_classes)

    def forward(self, x):
        x = self.conv(x).flatten(2).transpose(1, 2)
        return self.head(self.block(x).mean(1))
"""
KERAS = """
import keras


def build_model(num_classes):
    inputs = keras.Input((12, 12, 1))
    x = keras.layers.Conv2D(8, 3, activation="relu")(inputs)
    return keras.Model(inputs, keras.layers.Dense(num_classes)(keras.layers.GlobalAveragePooling2D()(x)))
"""
OWN_INPUTS = """
import torch
from torch import nn


class Model(nn.Module):
    def __init__(self, odd_name):
        super().__init__()
        self.linear = nn.Linear(odd_name, 3)

    def forward(self, x, gate):
        return self.linear(x) * gate


def get_inputs():
    return [torch.randn(4, 7), torch.randn(4, 3)]


def get_init_inputs():
    return [7]
"""

PATCHES = """
import torch
from torch import nn


class Patches(nn.Module):
    def __init__(self, *, image_size, patch_size, num_classes, channels=3):
        super().__init__()
        self.patch = patch_size
        self.embed = nn.Linear(channels * patch_size**2, 16)
        self.position = nn.Parameter(torch.randn((image_size // patch_size) ** 2, 16) * 0.02)
        self.head = nn.Linear(16, num_classes)

    def forward(self, image):
        x = image.unfold(2, self.patch, self.patch).unfold(3, self.patch, self.patch)
        x = x.permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(1, 2)
        return self.head(torch.tanh(self.embed(x) + self.position).mean(1))
"""


def check(code, sandbox, framework="pytorch", **options):
    return verify({"net.py": code}, framework=framework, sandbox=sandbox, foreign=True, **options)


@pytest.mark.parametrize(
    ("code", "framework"),
    [(TORCH, "pytorch"), (OWN_INPUTS, "pytorch"), (TORCH + "\nmodel = Net(1, 5)\n", "pytorch"), (KERAS, "tensorflow")],
    ids=["signature", "own inputs", "own instance", "keras"],
)
def test_a_file_that_only_defines_a_model_is_run_forward_and_backward(code, framework, sandbox):
    report = check(code, sandbox, framework)
    fields = report.validation
    assert report.status == "passed", report.findings
    assert fields.forward_pass_works and fields.backward_pass_works and fields.model_loads
    assert fields.training_loop_runs is None
    assert report.metrics.num_parameters
    assert "model-only-defined" in [one.id for one in report.findings]


def test_inputs_of_its_own_that_are_large_are_taken_in_part(sandbox):
    code = OWN_INPUTS.replace("randn(4, 7), torch.randn(4, 3)", "randn(50_000, 7), torch.randn(50_000, 3)")
    report = check(code, sandbox)
    assert report.status == "passed", report.findings
    forward = next(one for one in report.checks if one.id == "forward-pass")
    assert forward.evidence["input_shape"] == [4, 7]


def test_a_model_too_large_for_the_sandbox_is_not_blamed_for_steps_it_never_makes(sandbox):
    code = OWN_INPUTS.replace(
        "return self.linear(x) * gate", "return self.linear(x) * gate + torch.ones(1 << 31).sum()"
    )
    report = check(code, sandbox, limits=Limits(memory_mb=2048))
    assert report.status != "passed"
    assert "optimizer-step-missing" not in [one.id for one in report.findings]


def test_a_model_that_takes_settings_is_given_the_files_own_ones_made_small(sandbox):
    code = TORCH.replace("self, in_channels, num_classes, dim=16", "self, config")
    code = code.replace("(in_channels,", "(3,").replace(", num_classes)", ", config.num_classes)")
    code = code.replace(
        "    def __init__(self, config):", "    def __init__(self, config):\n        dim = config.n_embd"
    )
    settings = "import dataclasses\n\n\n@dataclasses.dataclass\nclass Settings:\n    n_embd: int = 768\n"
    report = check(settings + "    num_classes: int = None\n    bias: bool = False\n" + code, sandbox)
    assert report.status == "passed", report.findings
    assert report.metrics.num_parameters < 10_000 and report.output_shape == [10]


def test_weights_that_begin_at_zero_are_no_constant_output(sandbox):
    zero = TORCH.replace("        self.head =", "        nn.init.zeros_(self.conv.weight)\n        self.head =")
    assert check(zero, sandbox).status == "passed"
    assert "constant-output" in [
        one.id for one in check(zero.replace("self.conv(x)", "self.conv(0 * x)"), sandbox).findings
    ]


def test_a_size_that_has_a_default_follows_the_shape_that_is_given(sandbox):
    code = PATCHES.replace("*, image_size, patch_size, num_classes", "*, image_size=32, patch_size=8, num_classes=5")
    assert check(code, sandbox, shape=(3, 64, 64)).input_shape == [3, 64, 64]


@pytest.mark.parametrize(("shape", "taken"), [(None, [3, 32, 32]), ((3, 64, 64), [3, 64, 64])])
def test_a_model_of_images_is_made_for_the_images_that_it_is_called_with(shape, taken, sandbox):
    report = check(PATCHES, sandbox, shape=shape)
    assert report.status == "passed", report.findings
    assert report.input_shape == taken


def test_a_fault_of_its_forward_pass_is_found(sandbox):
    report = check(TORCH.replace("self.block(x).mean(1))", "self.block(x).mean(1) - x.mean(0).mean())"), sandbox)
    assert "batch-mixing" in [one.id for one in report.findings]


def test_what_cannot_be_made_is_an_error_that_says_what_would_help(sandbox):
    report = check(TORCH.replace("in_channels, num_classes", "in_channels, num_classes, mystery"), sandbox)
    assert report.status == "error"
    told = next(one for one in report.findings if one.id == "model-not-constructed")
    assert "'mystery'" in told.message and "--shape" in told.fix


def test_a_draft_that_only_defines_a_model_never_passes(sandbox):
    report = verify({"net.py": TORCH}, framework="pytorch", sandbox=sandbox)
    assert report.status == "failed" and report.validation.training_loop_runs is False


def test_a_shape_can_be_given_on_the_command_line(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(TORCH)
    done = CliRunner().invoke(gradproof, ["verify", str(path), "--shape", "3,20,20", "--json"])
    assert json.loads(done.stdout)["input_shape"] == [3, 20, 20]
    assert CliRunner().invoke(gradproof, ["verify", str(path), "--shape", "3,x"]).exit_code == 2


def test_arguments_and_variables_reach_the_program(tmp_path):
    path = tmp_path / "train.py"
    path.write_text("import os, sys, torch\nprint(sys.argv[1:], os.environ['STAGE'])\n")
    command = ["verify", str(path), "--env", "STAGE=two", "--json", "--", "--epochs", "3"]
    done = CliRunner().invoke(gradproof, command)
    assert json.loads(done.stdout)["stdout"] == "['--epochs', '3'] two\n"


def test_a_shape_that_the_model_does_not_take_is_named_once_and_as_it_was_given(sandbox):
    report = verify({"model.py": TORCH}, framework="pytorch", sandbox=sandbox, foreign=True, shape=[7, 9])
    assert report.status == "error"
    assert report.findings[0].message.count("7,9") == 1 and "--shape" in report.findings[0].message
