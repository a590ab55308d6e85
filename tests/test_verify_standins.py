"""What a program would fetch, or is not installed, is stood in for, and the report says so."""

from pathlib import Path

from sandbox.verify import verify

SCRIPTS = Path(__file__).parent / "data" / "scripts"
TRANSFER = """
import keras
import numpy as np

keras.utils.set_random_seed(0)
(x, y), (x_test, y_test) = keras.datasets.cifar10.load_data()
base = keras.applications.MobileNetV2(input_shape=(32, 32, 3), include_top=False, pooling="avg")
print(base.count_params(), x.shape)
"""


def test_a_program_that_somebody_else_wrote_is_lent_torchvision(sandbox):
    code = (SCRIPTS / "torch_vision.py").read_text()
    report = verify({"train.py": code}, framework="pytorch", sandbox=sandbox, foreign=True)
    assert report.status == "passed", report.findings
    assert report.metrics.evaluation["accuracy"] > 0.8
    assert any("torchvision is not installed" in one for one in report.stand_ins)


def test_a_draft_is_not(sandbox):
    code = (SCRIPTS / "torch_vision.py").read_text()
    report = verify({"train.py": code}, framework="pytorch", sandbox=sandbox)
    assert report.status == "failed" and report.findings[0].id == "missing-import"


def test_what_the_stand_in_has_not_is_said(sandbox):
    code = "import torch\nfrom torchvision import models\n"
    report = verify({"train.py": code}, framework="pytorch", sandbox=sandbox, foreign=True)
    assert "not installed" in report.findings[0].message or report.findings[0].id == "missing-import"


def test_weights_that_would_be_fetched_are_random_and_told(sandbox):
    report = verify({"train.py": TRANSFER}, framework="tensorflow", sandbox=sandbox, foreign=True)
    assert "2257984 (5000, 32, 32, 3)" in report.stdout
    assert len(report.stand_ins) == 2
