"""What is seen in the text of a program alone."""

import pytest

from sandbox.findings.finding import Maker
from sandbox.findings.source import source_faults


def found(text, path="train.py", **others):
    files = {path: text} | {name.replace("_py", ".py"): content for name, content in others.items()}
    return [(one.id, one.line) for one in source_faults(files, Maker(path))]


TORCH = "import torch\nfrom torch import nn\n"
SEEN = [
    ("for p in model.parameters():\n    p.require_grad = False\n", "misspelt-attribute", 2),
    ("base.trainble = False\n", "misspelt-attribute", 1),
    ("blocks = nn.ModuleList([nn.Linear(8, 8)] * 4)\n", "one-layer-repeated", 1),
    ("block = Block(8)\nmodel = nn.Sequential(*([block] * 4))\n", "one-layer-repeated", 2),
    ("model = keras.Sequential(3 * [layers.Dense(8)])\n", "one-layer-repeated", 1),
    ("paths = os.listdir(folder)\ntrain, test = paths[:80], paths[80:]\n", "unsorted-files", 1),
    ("paths = os.listdir(folder)\nprint(paths[:3])\ntrain = read(paths[:80])\n", "unsorted-files", 1),
    ("paths = [p for p in root.glob('*.png')]\ntrain, test = train_test_split(paths)\n", "unsorted-files", 1),
    ("for label, name in enumerate(os.listdir(root)):\n    read(name, label)\n", "unsorted-files", 1),
    (f"{TORCH}o = torch.optim.Adam(model.parameters(), weight_decay=0.1)\n", "decay-inside-adam", 3),
    ("state = torch.load('model.pt', weights_only=False)\n", "pickled-checkpoint", 1),
    (
        f"{TORCH}data = ImageFolder('images')\nloader = DataLoader(data, batch_size=8)\nmodel.to('cuda')\n",
        "loader-without-workers",
        4,
    ),
]


@pytest.mark.parametrize(("text", "id", "line"), SEEN)
def test_a_fault_is_seen_on_its_line(text, id, line):
    assert found(text) == [(id, line)]


@pytest.mark.parametrize(
    "text",
    [
        "p.requires_grad = False\nlayer.trainable = True\n",
        "class Net:\n    def freeze(self):\n        self.require_grad = False\n        return self.require_grad\n",
        "self.trainables = [a, b]\nself.trainable_ = True\nlayer.trainable_ = wanted\n",
        "blocks = nn.ModuleList([nn.Linear(8, 8) for _ in range(4)])\n",
        "x = torch.zeros([1] * 4)\nshape = [size] * 3\n",
        "model = nn.Sequential(*[nn.Linear(n, n) for n in [width] * 4])\n",
        "paths = sorted(os.listdir(folder))\ntrain = paths[:80]\n",
        "paths = list(root.glob('*'))\npaths.sort()\ntrain = paths[:80]\n",
        "paths = list(root.glob('*'))\nfor path in sorted(paths):\n    read(path)\nprint(paths[:3])\n",
        "count = len(os.listdir(folder))\nfor name in os.listdir(folder):\n    print(name)\n",
        "names = os.listdir(folder)\nprint('Some of them:', names[:5])\nfor name in names:\n    check(name)\n",
        "latest = max(glob.glob('*.pt'))\nfor n, path in enumerate(sorted(root.iterdir())):\n    read(n, path)\n",
        "optimizer = keras.optimizers.Adam(weight_decay=0.1)\n",
        f"{TORCH}o = torch.optim.Adam(model.parameters(), weight_decay=0)\n",
        f"{TORCH}loader = DataLoader(TensorDataset(x, y))\nmodel.to('cuda')\n",
        "state = torch.load('model.pt', map_location='cpu')\n",
        "def broken(:\n",
        "",
    ],
)
def test_what_is_right_or_no_python_shows_nothing(text):
    assert found(text) == []


def test_an_attribute_that_another_file_reads_is_no_misspelling():
    assert found("config.require_grad = False\n", other_py="def freeze(c):\n    return c.require_grad\n") == []
