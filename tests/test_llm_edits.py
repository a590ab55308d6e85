"""Search/replace blocks: how they are read, where they match, and what is said of those that do not."""

import random
import time

import pytest

from assistant.drafters.llm.edits import apply_edits, read_edits, read_revision
from assistant.schema import Files

TRAIN = """import torch


def train(net, loader, optimizer):
    for x, y in loader:
        loss = net(x).sum()
        loss.backward()
        optimizer.step()


def evaluate(net, loader):
    for x, y in loader:
        print(net(x))
"""
MODEL = "class Net:\n    width = 8\n"
FILES = {"train.py": TRAIN, "src/model.py": MODEL, "data/x.npz": b"\x93NUMPY"}
FIXED = TRAIN.replace("        loss.backward()\n", "        optimizer.zero_grad()\n        loss.backward()\n")
BLOCK = """<<<<<<< SEARCH
        loss.backward()
=======
        optimizer.zero_grad()
        loss.backward()
>>>>>>> REPLACE
"""


def block(search: str, replace: str) -> str:
    return f"<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n"


def edited(files: Files, path: str, search: str, replace: str) -> str | bytes:
    return apply_edits(files, read_edits(f"{path}\n{block(search, replace)}").edits).files[path]


SHAPES = {
    "path before": f"train.py\n{BLOCK}",
    "path and fence": f"train.py\n```python\n{BLOCK}```\n",
    "path in the fence": f"```python train.py\n{BLOCK}```\n",
    "path inside the fence": f"```python\ntrain.py\n{BLOCK}```\n",
    "comment inside the fence": f"```python\n# train.py\n{BLOCK}```\n",
    "bold path": f"**train.py**:\n\n```\n{BLOCK}```\n",
    "heading": f"### `train.py`\n\nThe gradients were never reset.\n\n```python\n{BLOCK}```\n",
    "sentence": f"In `train.py`, change this line:\n\n```\n{BLOCK}```\n",
    "path in the marker": BLOCK.replace("SEARCH", "SEARCH train.py"),
    "no path": BLOCK,
    "other words": f"train.py\n{BLOCK.replace('SEARCH', 'ORIGINAL').replace('REPLACE', 'UPDATED')}",
    "longer marks": f"train.py\n{BLOCK.replace('<' * 7, '<' * 9).replace('=' * 7, '=' * 9).replace('>' * 7, '>' * 9)}",
    "in a list": "- `train.py`:\n  ```python\n" + "".join(f"  {line}\n" for line in BLOCK.splitlines()) + "  ```\n",
    "windows": f"train.py\n{BLOCK}".replace("\n", "\r\n"),
    "the project's folder": f"project/train.py\n{BLOCK}",
    "a leading ./": f"./train.py\n{BLOCK}",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_an_edit_is_read_and_applied_however_it_is_written(shape):
    revised = read_revision(f"The gradients add up.\n\n{SHAPES[shape]}\nThat is all.\n", FILES)
    assert (revised.files, revised.rejected, revised.problems) == (FILES | {"train.py": FIXED}, [], [])
    assert revised.prose.startswith("The gradients add up.")
    assert revised.prose.endswith("That is all.")
    assert "```" not in revised.prose


def test_several_blocks_in_one_fence_belong_to_its_file():
    second = block("        print(net(x))\n", "        print(net(x).mean())\n")
    revised = read_revision(f"```python train.py\n{BLOCK}\n{second}```\n\n", FILES)
    assert revised.files["train.py"] == FIXED.replace("print(net(x))", "print(net(x).mean())")


def test_edits_apply_upon_each_other_and_those_that_fail_do_not_stop_the_others():
    edits = read_edits(
        "train.py\n"
        + block("import torch\n", "import torch as t\n")
        + block("import nothing\n", "import torch\n")
        + block("import torch as t\n", "import torch as T\n")
    ).edits
    applied = apply_edits(FILES, edits)
    assert applied.files["train.py"].startswith("import torch as T\n")
    assert [(one.n, one.path) for one in applied.rejected] == [(2, "train.py")]
    assert FILES["train.py"] == TRAIN


LENIENT = [
    ("trailing blanks in the search", "    for x, y in loader:  \n        loss = net(x).sum()\t\n", "    pass\n", None),
    (
        "less indentation",
        "loss.backward()\n",
        "if ok:\n    loss.backward()\n",
        "        if ok:\n            loss.backward()\n",
    ),
    (
        "more indentation",
        "            loss.backward()\n",
        "            x = 1\n\n            y = 2\n",
        "        x = 1\n\n        y = 2\n",
    ),
    ("a blank line in between", "import torch\n\n\ndef train(net, loader, optimizer):\n", "import os\n", "import os\n"),
    ("nothing in its place", "        loss.backward()\n", "", ""),
]


@pytest.mark.parametrize(("search", "replace", "there"), [row[1:] for row in LENIENT], ids=[row[0] for row in LENIENT])
def test_blanks_at_line_ends_and_a_uniform_indentation_do_not_matter(search, replace, there):
    applied = apply_edits(FILES, read_edits(f"train.py\n{block(search, replace)}").edits)
    assert applied.rejected == []
    assert (replace if there is None else there) in applied.files["train.py"]
    assert applied.files["train.py"] != TRAIN
    assert "def evaluate" in applied.files["train.py"]


def test_blanks_at_line_ends_of_the_file_do_not_matter_and_other_lines_keep_theirs():
    files = {"a.py": "x = 1  \ny = 2  \n"}
    assert edited(files, "a.py", "x = 1\n", "x = 3\n") == "x = 3\ny = 2  \n"


def test_a_file_with_windows_line_ends_can_be_edited():
    files = {"a.py": "x = 1\r\ny = 2\r\n"}
    assert edited(files, "a.py", "y = 2\n", "y = 3\n") == "x = 1\ny = 3\n"


def test_a_file_without_a_last_line_end_can_be_edited():
    assert edited({"a.py": "x = 1\ny = 2"}, "a.py", "y = 2\n", "y = 3\n") == "x = 1\ny = 3"


REJECTED = {
    "not found": (
        "train.py",
        "        loss.backwards()\n",
        "x\n",
        ["not in the file", "lines there are 7 to 7", "    7 |         loss.backward()"],
    ),
    "nothing like it": ("train.py", "qqqqqq = zzzzzz\n", "x\n", ["nothing there is like it"]),
    "half of a line": ("train.py", "import\n", "x\n", ["not in the file"]),
    "part of a line": ("train.py", "net(x).sum()\n", "x\n", ["not in the file"]),
    "other spacing": ("train.py", "        loss  =  net(x).sum()\n", "x\n", ["the nearest lines there are 6 to 6"]),
    "ragged indentation": (
        "train.py",
        "loss.backward()\n    optimizer.step()\n",
        "x\n",
        ["the nearest lines there are 7 to 8"],
    ),
    "ambiguous": ("train.py", "    for x, y in loader:\n", "x\n", ["2 times", "lines 5, 12"]),
    "ambiguous when shifted": ("train.py", "for x, y in loader:\n", "x\n", ["2 times", "lines 5, 12"]),
    "no change": ("train.py", "import torch\n", "import torch\n", ["changes nothing"]),
    "no change when shifted": ("train.py", "loss.backward()\n", "loss.backward()\n", ["changes nothing"]),
    "done already": ("train.py", "import jax\n", "import torch\n", ["is there already, from line 1"]),
    "unknown file": ("trian.py", "import torch\n", "x\n", ["no such file", "did you mean 'train.py'?"]),
    "unlike any file": ("zzzzz.md", "import torch\n", "x\n", ["no such file", "src/model.py, train.py"]),
    "empty search": ("train.py", "", "x\n", ["search text is empty"]),
    "binary": ("data/x.npz", "import torch\n", "x\n", ["binary"]),
    "outside": ("../x.py", "", "x = 1\n", ["leads out of the project"]),
    "absolute": ("/etc/x.py", "", "x = 1\n", ["absolute"]),
    "a file as a folder": ("train.py/x.py", "", "x = 1\n", ["'train.py' is there already"]),
    "the same but for case": ("Train.py", "", "x = 1\n", ["'train.py' is there already"]),
    "an empty new file": ("new.py", "", "", ["no such file"]),
    "less indented": ("train.py", "            loss.backward()\n", "x = 1\n", ["indented less"]),
}


@pytest.mark.parametrize("name", REJECTED)
def test_an_edit_that_does_not_apply_is_rejected_with_what_would_mend_it(name):
    path, search, replace, said = REJECTED[name]
    applied = apply_edits(FILES, read_edits(f"{path}\n{block(search, replace)}").edits)
    assert applied.files == FILES
    assert len(applied.rejected) == 1
    assert applied.rejected[0].reason.startswith(f"Block 1 ({path}): ")
    assert [part for part in said if part not in applied.rejected[0].reason] == []


def test_an_edit_without_a_path_whose_text_stands_in_two_files_is_rejected():
    applied = apply_edits({"a.py": "x = 1\n", "b.py": "x = 1\n"}, read_edits(block("x = 1\n", "x = 2\n")).edits)
    assert (applied.rejected[0].path, "names no file" in applied.rejected[0].reason) == ("", True)


def test_an_empty_search_makes_a_new_file():
    assert edited(FILES, "src/loss.py", "", "x = 1\n") == "x = 1\n"


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("train.py\n<<<<<<< SEARCH\nimport torch\n", "======="),
        ("train.py\n<<<<<<< SEARCH\nimport torch\n=======\nimport os\n", ">>>>>>> REPLACE"),
        ("```train.py\n<<<<<<< SEARCH\nimport torch\n>>>>>>> REPLACE\n```\n", "======="),
    ],
)
def test_a_block_that_is_not_whole_is_a_problem_and_changes_nothing(text, missing):
    revised = read_revision(text, FILES)
    assert (revised.files, len(revised.problems)) == (FILES, 1)
    assert missing in revised.problems[0]


def test_a_broken_block_does_not_swallow_the_next_one():
    text = f"train.py\n<<<<<<< SEARCH\nimport torch\n=======\nimport os\n\ntrain.py\n{BLOCK}"
    revised = read_revision(text, FILES)
    assert (revised.files["train.py"], len(revised.problems)) == (FIXED, 1)


def test_a_reply_may_hold_whole_files_and_edits():
    new = "class Net:\n    width = 16\n"
    revised = read_revision(f"Wider, and reset.\n\n```python src/model.py\n{new}```\n\ntrain.py\n{BLOCK}", FILES)
    assert revised.files == FILES | {"src/model.py": new, "train.py": FIXED}
    assert (revised.given, revised.prose, revised.problems) == (2, "Wider, and reset.", [])


@pytest.mark.parametrize("path", ["train.py", "./train.py", "project/train.py"])
def test_whole_files_take_the_place_of_what_was_there_and_others_stay(path):
    revised = read_revision(f"```python {path}\nx = 1\n```", FILES)
    assert revised.files == FILES | {"train.py": "x = 1\n"}


def test_a_file_in_a_folder_of_the_project_keeps_its_folder():
    assert read_revision("```python src/model.py\nx = 1\n```", FILES).files == FILES | {"src/model.py": "x = 1\n"}


def test_a_whole_file_that_leaves_code_out_does_not_replace_a_whole_one():
    revised = read_revision("```python train.py\nimport os\n# ... rest of the code unchanged ...\n```", FILES)
    assert revised.files == FILES
    assert (revised.rejected[0].path, revised.rejected[0].n) == ("train.py", None)
    assert "give it whole" in revised.rejected[0].reason


def test_a_piece_of_a_file_does_not_replace_the_whole():
    piece = TRAIN[TRAIN.index("def train") : TRAIN.index("\n\ndef evaluate")].replace("loss.backward()", "loss.mean()")
    revised = read_revision(f"```python train.py\n{piece}```", FILES)
    assert (revised.files, revised.given) == (FILES, 1)
    assert "without evaluate" in revised.rejected[0].reason


@pytest.mark.parametrize(
    "whole", ["import torch\n\n\ndef train():\n    pass\n", "x = 1\n", "def fit():\n    pass\n", "def (\n"]
)
def test_a_file_that_is_shorter_than_before_is_still_a_file(whole):
    assert read_revision(f"```python train.py\n{whole}```", FILES).files["train.py"].strip() == whole.strip()


def test_a_file_that_a_cut_reply_ends_in_does_not_replace_a_whole_one():
    text = f"```python train.py\n{FIXED}"
    assert read_revision(text, FILES).files["train.py"] == FIXED
    revised = read_revision(text, FILES, complete=False)
    assert (revised.files, revised.given) == (FILES, 1)
    assert "breaks off" in revised.rejected[0].reason


def test_binary_data_is_never_replaced_by_text():
    revised = read_revision('```text file="data/x.npz"\nabc\n```', FILES)
    assert (revised.files, "binary" in revised.rejected[0].reason) == (FILES, True)


@pytest.mark.parametrize("text", ["", "I see no fault.", "```bash\npython train.py\n```"])
def test_a_reply_that_changes_nothing_says_so(text):
    revised = read_revision(text, FILES)
    assert (revised.files, revised.given, len(revised.problems)) == (FILES, 0, 1)


def test_fences_and_dividers_inside_what_is_replaced_belong_to_it():
    files = {"README.md": "# Net\n\n```\nold\n```\n"}
    change = block("```\nold\n```\n", "```bash\nnew\n```\n\nMore\n=======\n")
    text = f"README.md\n```markdown\n{change}```\n"
    assert read_revision(text, files).files == {"README.md": "# Net\n\n```bash\nnew\n```\n\nMore\n=======\n"}


def test_random_edits_between_random_versions_apply():
    rng = random.Random(7)
    for _ in range(200):
        old = [f"{'    ' * rng.randint(0, 2)}x{n} = {rng.randint(0, 3)}" for n in range(rng.randint(3, 30))]
        start = rng.randrange(len(old))
        end = rng.randint(start + 1, len(old))
        new = [f"y{n} = {rng.randint(0, 3)}" for n in range(rng.randint(0, 5))]
        search, replace = ("".join(f"{line}\n" for line in lines) for lines in (old[start:end], new))
        files = {"a.py": "".join(f"{line}\n" for line in old)}
        applied = apply_edits(files, read_edits(f"```python a.py\n{block(search, replace)}```").edits)
        assert applied.files["a.py"] == "".join(f"{line}\n" for line in [*old[:start], *new, *old[end:]])


NUMBERED = "".join(f"value_{n} = {n}\n" for n in range(20_000))
HOSTILE = {
    "many blocks": (FILES, f"train.py\n{BLOCK}" * 3_000),
    "openings": (FILES, "<<<<<<< SEARCH\n" * 100_000),
    "dividers": (FILES, "<<<<<<< SEARCH\n=======\n" * 50_000),
    "repetition": ({"a.py": "a\n" * 50_000}, "a.py\n" + block("a\n" * 20_000 + "b\n", "c\n")),
    "indentation": ({"a.py": " a\n" * 50_000}, "a.py\n" + block("a\n" * 10_000, "c\n")),
    "long lines": ({"a.py": "ab" * 100_000}, "a.py\n" + block("ba" * 100_000 + "\n", "c\n")),
    "much that is like it": ({"a.py": NUMBERED}, "a.py\n" + block("value_x = 1\n", "c\n")),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_long_replies_and_files_are_worked_through_in_a_moment(name):
    files, text = HOSTILE[name]
    started = time.perf_counter()
    read_revision(text, files)
    assert time.perf_counter() - started < 6
