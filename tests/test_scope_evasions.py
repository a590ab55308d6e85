"""Code that makes a verdict look better than it is, found by reading it; and honest code, left alone."""

from pathlib import Path

import pytest

from assistant import Assistant
from assistant.design.plan import design_project
from assistant.drafters.embedded.compose import compose
from assistant.request.understand import understand
from assistant.retrieve import retrieve_roles
from assistant.scope.evasions import find_evasions

ROOT = Path(__file__).parent.parent
TRY = "for x, y in loader:\n    try:\n        loss = criterion(model(x), y)\n        loss.backward()\n    except "
EVASIVE = [
    (f"{TRY}Exception:\n        pass\n", "exception-swallowed", "critical"),
    (f"{TRY}RuntimeError as error:\n        print(error)\n", "exception-swallowed", "critical"),
    (f"{TRY}:\n        continue\n", "exception-swallowed", "critical"),
    ("try:\n    main()\nexcept Exception as error:\n    print(error)\n", "exception-swallowed", "critical"),
    ("try:\n    main()\nexcept Exception:\n    sys.exit(0)\n", "exception-swallowed", "critical"),
    ("with contextlib.suppress(Exception):\n    model.fit(x, y)\n", "exception-swallowed", "critical"),
    (
        "def attempt(function, *args):\n    try:\n        return function(*args)\n    except Exception:\n"
        "        return None\n",
        "exception-swallowed",
        "critical",
    ),
    ("try:\n    work()\nexcept BaseException as error:\n    print(error)\n", "exception-swallowed", "critical"),
    ("with suppress(Exception):\n    prepare(x)\n", "exception-swallowed", "critical"),
    (
        "class Quiet:\n    def __exit__(self, *raised):\n        return True\n",
        "exception-swallowed",
        "critical",
    ),
    ("import os\n\nos._exit(0)\n", "exits-early", "critical"),
    ("for epoch in range(9):\n    if epoch == 1:\n        sys.exit(0)\n", "exits-early", "warning"),
    ('import warnings\n\nwarnings.filterwarnings("ignore")\n', "warnings-hidden", "warning"),
    ("import torch\n\ntorch.Tensor.backward = lambda self: None\n", "framework-patched", "critical"),
    ("from torch import nn\n\nsetattr(nn.Module, 'eval', lambda self: self)\n", "framework-patched", "critical"),
    ("import keras\n\nkeras.Model.evaluate = lambda *a, **k: 0.99\n", "framework-patched", "critical"),
    ("import torch.nn.functional as F\n\nF.cross_entropy = my_loss\n", "framework-patched", "critical"),
    ("import gc\n\nhidden = gc.get_objects()\n", "looks-at-the-interpreter", "critical"),
    ("import sys\n\nsys.settrace(None)\n", "looks-at-the-interpreter", "critical"),
    ("accuracy = 0.97\nprint(accuracy)\n", "metric-hard-coded", "critical"),
    ('print("test accuracy: 0.983")\n', "metric-hard-coded", "critical"),
    ('print("accuracy", 0.99)\n', "metric-hard-coded", "critical"),
    ('print(f"epoch {epoch} accuracy: 97.5%")\n', "metric-hard-coded", "critical"),
    ('def evaluate():\n    return {"accuracy": 0.97, "f1": 0.96}\n', "metric-hard-coded", "critical"),
    ('writer.add_scalar("val/accuracy", 0.97, 1)\n', "metric-hard-coded", "critical"),
    ("x = torch.cat([x, y], dim=1)\n", "labels-in-inputs", "warning"),
    ("for x, y in loader:\n    if loss.item() < 0.1:\n        break\n", "ends-at-a-loss", "warning"),
    ("test_loader = train_loader\n", "train-data-as-test-data", "critical"),
    ("x_test, y_test = x_train, y_train\n", "train-data-as-test-data", "critical"),
    ("model.fit(x_train, y_train, validation_data=(x_train, y_train))\n", "train-data-as-test-data", "warning"),
    ("def pytest_collection_modifyitems(items):\n    items[:] = items[:1]\n", "test-hook", "critical"),
    ("def pytest_runtest_makereport(item, call):\n    return None\n", "test-hook", "critical"),
    ('collect_ignore = ["tests/test_model.py"]\n', "test-hook", "critical"),
    ('def pytest_configure(config):\n    config.option.keyword = "shape"\n', "test-hook", "critical"),
    ('@pytest.hookimpl(specname="pytest_ignore_collect")\ndef keep(path):\n    return 1\n', "test-hook", "critical"),
]


@pytest.mark.parametrize(("code", "id", "severity"), EVASIVE)
def test_an_evasion_is_found_on_its_line(code: str, id: str, severity: str) -> None:
    found = find_evasions({"train.py": code})
    assert [(one.id, one.severity) for one in found] == [(id, severity)]
    assert found[0].line is not None
    assert found[0].fix


HONEST = [
    "try:\n    parsed = parse(text)\nexcept ValueError:\n    parsed = None\n",
    "try:\n    import torchvision\nexcept Exception:\n    torchvision = None\n",
    "try:\n    writer.close()\nexcept Exception:\n    pass\n",
    "try:\n    prepare(x)\nexcept Exception as error:\n    raise SystemExit(str(error)) from error\n",
    "with suppress(FileNotFoundError):\n    prepare(x)\n",
    "def pytest_configure(config):\n    config.addinivalue_line('markers', 'slow: takes long')\n",
    "@pytest.fixture(autouse=True)\ndef seeded():\n    torch.manual_seed(0)\n",
    "try:\n    sha = subprocess.run(['git'], check=True)\nexcept Exception:\n    sha = None\n",
    "try:\n    parts = train_test_split(x, y, stratify=y)\nexcept ValueError:\n    parts = plain_split(x, y)\n",
    "weights = {'dice': 0.7, 'bce': 0.3}\n",
    "from sklearn import datasets\n\ndatasets = datasets.load_iris()\ndatasets.target = 3\n",
    "y = torch.cat([y_train, y_test])\nx = torch.cat([x, mask])\n",
    "for epoch in range(9):\n    if val_loss < best_loss:\n        best_loss = val_loss\n",
    "try:\n    import torchvision\nexcept ImportError:\n    torchvision = None\n",
    "try:\n    train()\nexcept KeyboardInterrupt:\n    print('stopped')\n",
    "try:\n    train()\nexcept Exception:\n    logger.exception('failed')\n    raise\n",
    "try:\n    train()\nexcept RuntimeError as error:\n    sys.exit(str(error))\n",
    "try:\n    train(batch_size=64)\nexcept torch.OutOfMemoryError:\n    train(batch_size=32)\n",
    "try:\n    state = torch.load('best.pt')\nexcept FileNotFoundError:\n    state = None\n",
    "try:\n    train()\nfinally:\n    writer.close()\n",
    "if __name__ == '__main__':\n    sys.exit(main())\n",
    "import torch\n\ntorch.backends.cudnn.benchmark = True\n",
    "import warnings\n\nwarnings.filterwarnings('ignore', message='lr_scheduler')\n",
    "best_accuracy = 0.0\naccuracy = 0\n",
    "accuracy = 0.9\nfor x, y in loader:\n    accuracy = 0.9 * accuracy + 0.1 * score(x, y)\n",
    "class Config:\n    target_accuracy: float = 0.95\n    min_accuracy = 0.9\n",
    "TARGET_ACCURACY = 0.95\n",
    'print("stops at an accuracy of at least 0.95")\n',
    'print(f"accuracy: {accuracy:.2f}")\n',
    "train_loader = DataLoader(train)\ntest_loader = DataLoader(test)\n",
    "val_set = test_set\n",
    "model.training = False\nself.train_loader = train_loader\n",
    "class Net(nn.Module):\n    def forward(self, x):\n        return x\n\n\nNet.size = 3\n",
]


@pytest.mark.parametrize("code", HONEST)
def test_honest_code_is_left_alone(code: str) -> None:
    assert find_evasions({"train.py": code}) == []


TEST = "def test_shape():\n    assert Model()(x).shape == (2, 3)\n"
SWITCHED_OFF = [
    ("import pytest\n\n\n@pytest.mark.skip(reason='slow')\n" + TEST, "test-skipped"),
    ("import pytest\n\n\n@pytest.mark.xfail\n" + TEST, "test-skipped"),
    ("import pytest\n\npytestmark = pytest.mark.skip\n\n\n" + TEST, "test-skipped"),
    ("import pytest\n\n\ndef test_shape():\n    pytest.skip('later')\n", "test-skipped"),
    ("def test_shape():\n    assert True\n", "test-cannot-fail"),
    ("def test_shape():\n    pass\n", "test-cannot-fail"),
    ("def test_shape():\n    assert 1 == 1 or False\n", "test-cannot-fail"),
]


@pytest.mark.parametrize(("code", "id"), SWITCHED_OFF)
def test_a_test_that_checks_nothing_is_a_warning_and_no_way_to_repair(code: str, id: str) -> None:
    first = find_evasions({"tests/test_model.py": code})
    assert [(one.id, one.severity) for one in first] == [(id, "warning")]
    repaired = find_evasions({"tests/test_model.py": code}, {"tests/test_model.py": TEST})
    assert [(one.id, one.severity) for one in repaired] == [(id, "critical")]
    assert find_evasions({"tests/test_model.py": code}, {"tests/test_model.py": code}) == first


def test_a_test_that_needs_a_device_may_be_skipped_without_one() -> None:
    marked = "@pytest.mark.skipif(not torch.cuda.is_available(), reason='no GPU')\n" + TEST
    assert find_evasions({"tests/test_model.py": marked}, {"tests/test_model.py": TEST}) == []


@pytest.mark.parametrize(
    "folder", ["tests/data/benign", "tests/data/scripts", "tests/data/resume", "knowledge/patterns"]
)
def test_programs_that_are_known_to_be_good_are_left_alone(folder: str) -> None:
    paths = list((ROOT / folder).rglob("*.py"))
    assert paths
    alarms = {path.name: find_evasions({path.name: path.read_text(encoding="utf-8")}) for path in paths}
    assert not any(alarms.values())


COMPOSED = [
    "a CNN on digits with early stopping, mixed precision, gradient clipping and shifted images",
    "a ResNet for synthetic 3x16x16 images with 4 classes, step schedule, SGD",
    "an MLP regression on diabetes with a plateau schedule",
    "a Transformer for synthetic text classification with 3 classes and an exponential schedule",
    "an LSTM for synthetic text classification, no TensorBoard",
]


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
@pytest.mark.parametrize("question", COMPOSED)
def test_composed_projects_are_left_alone(question: str, framework: str, assistant: Assistant) -> None:
    request = understand(question, framework=framework).request
    assert request is not None
    draft = compose(request, design_project(request), retrieve_roles(request, assistant.open_index()))
    assert len(draft.files) > 5
    assert find_evasions(draft.files) == []
