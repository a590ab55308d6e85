"""What a program would fetch, or is not installed, is stood in for, and the report says so."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from sandbox.verify import verify

DRAWN = pytest.mark.skipif(
    any(map(find_spec, ("matplotlib", "seaborn", "IPython"))), reason="a library that draws is installed"
)
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


def test_a_library_that_tries_what_is_installed_is_lent_nothing(sandbox):
    code = "import pydoc\nimport torch\nprint(pydoc.locate('torchvision'))\nimport torchvision\nprint(torchvision)\n"
    report = verify({"train.py": code}, framework="pytorch", sandbox=sandbox, foreign=True)
    assert report.stdout.startswith("None\n<module 'torchvision'")


def test_what_the_stand_in_has_not_is_said(sandbox):
    code = "import torch\nfrom torchvision import models\n"
    report = verify({"train.py": code}, framework="pytorch", sandbox=sandbox, foreign=True)
    assert "not installed" in report.findings[0].message or report.findings[0].id == "missing-import"


def test_weights_that_would_be_fetched_are_random_and_told(sandbox):
    report = verify({"train.py": TRANSFER}, framework="tensorflow", sandbox=sandbox, foreign=True)
    assert "2257984 (5000, 32, 32, 3)" in report.stdout
    assert len(report.stand_ins) == 2


DRAWS = """
import matplotlib.pyplot as plt
import pandas
from matplotlib import cm
import seaborn as sns
from IPython.display import display

figure, axes = plt.subplots(2, 3, figsize=(6, 4))
for one in axes.flat:
    one.imshow([[0]], cmap=cm.gray)
axes[1, 2].set_title("last")
(line,) = plt.plot([1, 2])
counts, edges, patches = plt.hist([1, 1, 2], bins=2)
with plt.style.context("ggplot"):
    sns.heatmap([[1.0]])
pandas.DataFrame({"a": [1, 2]}).plot(ax=axes[0, 0])
display(figure)
print(axes.shape, counts.tolist(), type(plt.subplots()[1]).__name__, len(plt.subplots(1, 3)[1]))
"""


@DRAWN
def test_a_figure_where_nothing_can_draw_is_no_crash(sandbox):
    report = verify({"train.py": "import torch\n" + DRAWS}, framework="pytorch", sandbox=sandbox, foreign=True)
    assert "(2, 3) [2, 1] Nothing 3" in report.stdout, report.stderr
    assert "matplotlib is not installed: nothing was drawn." in report.stand_ins


@DRAWN
def test_a_drafts_figure_must_find_what_draws_it(sandbox):
    report = verify({"train.py": "import torch\n" + DRAWS}, framework="pytorch", sandbox=sandbox)
    assert report.findings[0].id == "missing-import"


CUTS = """
import keras

(x, y), (x_test, y_test) = keras.datasets.{}.load_data()
print(x[{}].shape, len(x_test), x.mean().round(1))
"""


@pytest.mark.parametrize(
    ("name", "cut", "told"),
    [
        ("mnist", ":-10000", "(50000, 28, 28) 1000"),
        ("mnist", ":100", "(100, 28, 28) 1000"),
        ("cifar10", ":100].reshape(-1, 3072)[:50000 - 10000", "(100, 3072) 10000"),
    ],
)
def test_a_program_that_counts_on_all_samples_is_given_as_many(name, cut, told, sandbox):
    report = verify({"train.py": CUTS.format(name, cut)}, framework="tensorflow", sandbox=sandbox, repeat=False)
    assert told in report.stdout, report.stderr
