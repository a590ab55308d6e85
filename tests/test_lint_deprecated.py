"""Uses of what is deprecated or gone are found whatever they are called, and nothing else is."""

import sys
from pathlib import Path

import pytest

from assistant.lint import find_deprecated, lint
from knowledge.patterns import REPOSITORY, pattern_files
from sandbox.runtime import importable_modules

DATA = Path(__file__).parent / "data"
VERSIONS = {"torch": "2.13.0+cpu", "tensorflow": "2.21.0", "keras": "3.15.1", "numpy": "2.4.6"}


def codes(code: str, **options: object) -> list[str]:
    return [item.code for item in find_deprecated({"a.py": code}, versions=VERSIONS, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "code",
    [
        "import torch\nwith torch.cuda.amp.autocast(): pass",
        "import torch as t\nwith t.cuda.amp.autocast(): pass",
        "from torch.cuda.amp import autocast",
        "from torch.cuda import amp\namp.autocast()",
        "import torch.cuda.amp as amp\namp.autocast()",
        "import torch\namp = torch.cuda.amp\ndef f():\n    return amp.autocast()",
        "def f():\n    import torch\n    return lambda: torch.cuda.amp.autocast()",
        "import torch\nclass A:\n    @torch.cuda.amp.autocast()\n    def f(self): ...",
        "import torch\ndef f(x=torch.cuda.amp.autocast): ...",
    ],
)
def test_a_name_is_found_through_imports_and_aliases(code: str) -> None:
    assert codes(code) == ["deprecated-api"]


@pytest.mark.parametrize(
    "code",
    [
        '"""torch.cuda.amp.autocast"""\nx = "from torch.cuda.amp import autocast"  # torch.cuda.amp.autocast()',
        "import torch\ndef f(torch):\n    return torch.cuda.amp.autocast()",
        "from mine import torch\ntorch.cuda.amp.autocast()",
        "from .torch.cuda.amp import autocast",
        "torch.cuda.amp.autocast()",
        "try:\n    from torch.amp import autocast\nexcept ImportError:\n    from torch.cuda.amp import autocast",
        "import torch\nwith torch.amp.autocast('cuda'): pass",
        "import torch\ntorch.eigenvalues = 1\nprint(torch.linalg.eig)",
    ],
)
def test_text_and_names_of_the_programs_own_are_left_alone(code: str) -> None:
    assert codes(code) == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import keras\nkeras.optimizers.Adam(lr=0.1)", ["removed-api"]),
        ("from tensorflow.keras.optimizers import SGD\nSGD(lr=0.1)", ["removed-api"]),
        ("import tensorflow as tf\noptimizers = tf.keras.optimizers\noptimizers.Adam(lr=0.1)", ["removed-api"]),
        ("import keras\nkeras.optimizers.Adam(learning_rate=0.1)", []),
        ("import torch\ntorch.optim.Adam([], lr=0.1)", []),
        ("import torch\nimport torch.nn.functional as F\nF.softmax(torch.ones(2))", ["deprecated-api"]),
        ("import torch\nimport torch.nn.functional as F\nF.softmax(torch.ones(2), -1)", []),
        ("import torch\nimport torch.nn.functional as F\nF.softmax(*a)\nF.softmax(x, **b)", []),
        ("from torch import meshgrid as grid\ngrid(a, b)", ["deprecated-api"]),
        ("import numpy as np\nnp.zeros(2, np.float)\nnp.float32", ["removed-api"]),
        ("from keras.callbacks import ModelCheckpoint\nModelCheckpoint('best.hdf5')", ["removed-api"]),
        ("from keras.callbacks import ModelCheckpoint\nModelCheckpoint(filepath='best.h5')", ["deprecated-api"]),
        ("from keras.callbacks import ModelCheckpoint\nP = 'a.pt'\nModelCheckpoint(P)", ["removed-api"]),
        ("from keras.callbacks import ModelCheckpoint\nModelCheckpoint(str(d / 'a.ckpt'))", ["removed-api"]),
        ("from keras.callbacks import ModelCheckpoint\nModelCheckpoint(f'{d}/best.keras')", []),
        ("from keras.callbacks import ModelCheckpoint\nModelCheckpoint(f'runs/{name}')", []),
        ("from keras.callbacks import ModelCheckpoint\nModelCheckpoint(path)", []),
        (
            "from keras.callbacks import ModelCheckpoint\nModelCheckpoint('w.h5', save_weights_only=True)",
            ["removed-api"],
        ),
        ("from keras.callbacks import ModelCheckpoint\nModelCheckpoint('w.weights.h5', save_weights_only=True)", []),
    ],
)
def test_an_argument_is_judged_with_the_call_it_belongs_to(code: str, found: list[str]) -> None:
    assert codes(code) == found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import keras\nmodel.fit_generator(data)", ["removed-api"]),
        ("import keras\nself.model.fit_generator(data)", ["removed-api"]),
        ("import torch\nmodel.fit_generator(data)", []),
        ("import keras\nclass M:\n    def fit_generator(self): ...\nM().fit_generator()", []),
        ("import keras\nmodel.optimizer.lr.assign(0.1)", ["removed-api"]),
        ("import keras\nconfig.optimizer.lr", []),
        ("import keras\nclass T:\n    def __init__(self): self.lr = 1\noptimizer.lr", []),
        ("import keras\nimage.save('folder')", []),
        ("import keras\nmodel.save('folder')", ["removed-api"]),
        ("import torch\nprint(events.self_cuda_time_total)", ["deprecated-api"]),
        ("import torch\nhook = net.register_backward_hook(f)", ["deprecated-api"]),
    ],
)
def test_a_method_is_found_by_a_name_that_means_nothing_else(code: str, found: list[str]) -> None:
    assert codes(code) == found


def test_the_framework_says_whose_methods_are_meant() -> None:
    code = "def train(model, data):\n    model.fit_generator(data)\n"
    assert codes(code, framework="tensorflow") == ["removed-api"]
    assert codes(code, framework="pytorch") == []


def test_one_thing_is_said_once_for_a_file_with_every_line_and_its_replacement() -> None:
    code = "import torch\na = torch.cuda.amp.GradScaler()\nb = torch.cuda.amp.GradScaler()\n"
    (found,) = find_deprecated({"a.py": code}, versions=VERSIONS)
    assert (found.line, found.fix) == (2, 'Use `torch.amp.GradScaler("cuda")`.')
    assert found.message == "`torch.cuda.amp.GradScaler` is deprecated (also in line 3)"


def test_a_version_that_does_not_have_the_replacement_yet_is_left_alone() -> None:
    files = {"a.py": "import torch\ntorch.cuda.amp.GradScaler()\n"}
    assert find_deprecated(files, versions={"torch": "2.3.1"}) == []
    assert find_deprecated(files, versions={}) == []
    assert len(find_deprecated(files, versions={"torch": "2.4.0"})) == 1


def test_a_replacement_that_is_not_installed_is_not_asked_for() -> None:
    files = {"a.py": "import tensorflow as tf\ntf.lite.Interpreter('m.tflite')\n"}
    assert find_deprecated(files, versions=VERSIONS, importable=frozenset({"tensorflow"})) == []
    assert len(find_deprecated(files, versions=VERSIONS, importable=frozenset({"ai_edge_litert"}))) == 1


@pytest.mark.parametrize(
    "content",
    ["def f(:", "\x00", b"\xff\xfe\x00", "x = " + "(" * 300 + ")" * 300, "x = " + "-" * 5000 + "1", "'\\d'", ""],
)
def test_a_file_that_cannot_be_read_hides_none_of_the_others(content: str | bytes) -> None:
    files = {"a.py": content, "b.py": "from torch.cuda.amp import autocast", "c.txt": "torch.cuda.amp.autocast"}
    assert [item.file for item in find_deprecated(files, versions=VERSIONS)] == ["b.py"]


def test_what_cannot_work_comes_first_and_the_rest_is_bounded() -> None:
    code = "import torch\nimport tensorflow as tf\n\ntorch.meshgrid(a, b)\ntf.Session()\n" + "print(undefined)\n" * 100
    first, *rest = lint({"a.py": code}, versions=VERSIONS)[1].diagnostics
    assert (first.code, first.line) == ("removed-api", 5)
    assert len(rest) == 49
    assert lint({"a.py": code}, versions=VERSIONS)[1].diagnostics == [first, *rest]


@pytest.mark.parametrize(
    "code", ["import torch\n\nprint(torch.symeig)  # noqa\n", "import torch\n\ntorch.meshgrid(torch.ones(1))\n"]
)
def test_what_is_gone_or_deprecated_fails_lint(code: str) -> None:
    assert not lint({"a.py": code}, versions=VERSIONS)[1].passed


def test_programs_that_are_right_raise_no_alarm() -> None:
    there = importable_modules(Path(sys.executable))
    programs = [*pattern_files(REPOSITORY), *(DATA / "benign").glob("*.py"), *(DATA / "resume").glob("*.py")]
    files = {f"{number}/{path.name}": path.read_text(encoding="utf-8") for number, path in enumerate(programs)}
    assert len(files) > 95
    assert find_deprecated(files, importable=there) == []


def test_wrong_examples_that_use_an_old_name_are_found() -> None:
    wrong = REPOSITORY / "tensorflow/optimizer/adam.wrong.py", REPOSITORY / "pytorch/loop/amp.wrong.py"
    files = {path.parent.name: path.read_text(encoding="utf-8") for path in wrong}
    found = find_deprecated({f"{name}.py": code for name, code in files.items()})
    assert {item.file: item.code for item in found} == {"optimizer.py": "removed-api", "loop.py": "deprecated-api"}
