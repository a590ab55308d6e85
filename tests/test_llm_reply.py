"""How the files are read out of what a model wrote: many shapes of replies, and hostile lengths."""

import json
import random
import time
from collections.abc import Callable

import pytest
from reply_blocks import MODEL, TRAIN, fenced

from assistant.drafters.base import Draft
from assistant.drafters.llm.reply import read_files

RUN = "pip install torch\npython train.py\n"
USE = "from train import main\n\nmain()\n"

INFO_STRINGS = [
    "python train.py",
    "python:train.py",
    "py train.py",
    "train.py",
    "train.py:python",
    'python title="train.py"',
    "python title='train.py'",
    "python {filename=train.py}",
    '{.python filename="train.py"}',
    "python path=train.py",
    "python file=train.py hl_lines=3",
    "python filename: train.py",
    "python (train.py)",
    "python # train.py",
    "python `train.py`".replace("`", "'"),
    "python ./train.py",
    " python   train.py  ",
    "Python train.py",
]


@pytest.mark.parametrize("info", INFO_STRINGS)
def test_reads_the_path_in_an_info_string(info):
    read = read_files(fenced(info, TRAIN))
    assert (read.files, read.problems) == ({"train.py": TRAIN}, [])


HEADINGS = [
    "`src/train.py`:",
    "src/train.py",
    "src/train.py:",
    "**src/train.py**",
    "**`src/train.py`**:",
    "### src/train.py",
    "#### `src/train.py`",
    "## 2. `src/train.py` — training script",
    "### File: src/train.py",
    "# File: src/train.py",
    "File 1: `src/train.py`",
    "**File 2: src/train.py**",
    "Filename: src/train.py",
    "1. **src/train.py**",
    "- `src/train.py`:",
    "=== src/train.py ===",
    "--- src/train.py ---",
    "[src/train.py](src/train.py)",
    "Here is the updated `src/train.py`:",
    "Now create src/train.py with the following content:",
    "**src/train.py** (entry point)",
    "### 1. Create `src/train.py`",
    "## Training script (`src/train.py`)",
    "**Training script: `src/train.py`**",
    "### src/train.py\n\nThis file trains the model and evaluates it.",
    "### `src/train.py`\n\nFirst the imports.\nThen the loop.\n",
]


@pytest.mark.parametrize("heading", HEADINGS)
@pytest.mark.parametrize("info", ["python", ""])
def test_reads_the_path_in_a_line_before_the_block(heading, info):
    read = read_files(f"Sure.\n\n{heading}\n\n{fenced(info, TRAIN)}\nThat is all.\n")
    assert (read.files, read.problems) == ({"src/train.py": TRAIN}, [])


COMMENTS = [
    "src/train.py",
    "# src/train.py",
    "#src/train.py",
    "# path: src/train.py",
    "# File: src/train.py",
    "# filename: src/train.py",
    "# --- src/train.py ---",
    "# ===== src/train.py =====",
    "// src/train.py",
]


@pytest.mark.parametrize("comment", COMMENTS)
def test_reads_the_path_in_the_first_comment_and_takes_that_comment_away(comment):
    assert read_files(fenced("python", f"{comment}\n{TRAIN}")).files == {"src/train.py": TRAIN}


@pytest.mark.parametrize(
    "first",
    [
        '"""src/train.py: trains the model."""',
        "# src/train.py - trains the model",
        "#!/usr/bin/env python\n# src/train.py",
    ],
)
def test_a_first_line_that_says_more_than_the_path_stays(first):
    content = read_files(fenced("python", f"{first}\n{TRAIN}")).files["src/train.py"]
    assert content.startswith(first.split("\n")[0])
    assert content.endswith(TRAIN)


def test_a_comment_in_a_named_block_is_no_name():
    assert read_files(fenced("python train.py", f"# model.py\n{TRAIN}")).files == {"train.py": f"# model.py\n{TRAIN}"}


def test_comments_part_one_block_into_several_files():
    block = f"# --- model.py ---\n{MODEL}\n# --- train.py ---\n{TRAIN}"
    assert read_files(fenced("python", block)).files == {"model.py": MODEL, "train.py": TRAIN}


@pytest.mark.parametrize(
    "text",
    [
        fenced("python", TRAIN),
        fenced("", TRAIN),
        fenced("py", TRAIN, "~~~~"),
        f"Here you are:\n\n{fenced('python', TRAIN)}\nRun it:\n\n{fenced('bash', RUN)}",
        f"{fenced('python', TRAIN)}\nYou can also call it:\n{fenced('python', USE)}",
        TRAIN,
        f"\n\n{TRAIN}\n",
        "1. Save this:\n\n   " + fenced("python", TRAIN).replace("\n", "\n   "),
        fenced("output", "loss = 0.3\n") + fenced("python", TRAIN),
    ],
    ids=[
        "python",
        "bare",
        "tildes",
        "shell after it",
        "use after it",
        "no fence",
        "blank lines",
        "in a list",
        "output before it",
    ],
)
def test_the_only_program_without_a_name_is_the_entry(text):
    assert read_files(text).files == {"train.py": TRAIN}


def test_versions_of_a_program_without_a_name_give_the_last_whole_one():
    better = TRAIN.replace("ones(1)", "zeros(2)")
    cut = "import torch\n\n\ndef main():\n    print(torch.ones(\n"
    read = read_files(f"{fenced('python', TRAIN)}\nBetter:\n{fenced('python', better)}\nOr:\n{fenced('python', cut)}")
    assert read.files == {"train.py": better}
    assert "versions" in read.problems[0]


def test_parts_of_a_program_without_a_name_are_joined_and_that_is_said():
    parts = ["import torch\n", "class Net(torch.nn.Module):\n    pass\n", "net = Net()\n"]
    read = read_files("\nNext:\n".join(fenced("python", part) for part in parts))
    assert read.files["train.py"].replace("\n\n", "\n") == "".join(parts)
    assert "parts" in read.problems[0]


def test_code_without_a_name_beside_named_files_is_left_out_and_that_is_said():
    read = read_files(fenced("python train.py", TRAIN) + "\nFor example:\n" + fenced("python", "import torch\nx = 1\n"))
    assert read.files == {"train.py": TRAIN}
    assert "'import torch'" in read.problems[0]


@pytest.mark.parametrize(
    ("sentence", "block"),
    [
        ("In `train.py`, change this line:", fenced("python", "import torch\nlr = 1e-3\n")),
        ("Run `train.py`:", fenced("bash", "python train.py\n")),
        ("### train.py\n\nRun it like this:", fenced("bash", "python train.py\n")),
        ("The output of train.py:", fenced("", "epoch 1 loss 0.3\n")),
        ("`train.py`:", fenced("output", "epoch 1 loss 0.3\n")),
        ("`train.py`:", fenced("diff", "--- a/train.py\n+++ b/train.py\n@@ -1 +1 @@\n-a\n+b\n")),
        ("## How to use `train.py`", fenced("python", "import train\n\ntrain.main()\n")),
        ("", fenced("train.py", "--- a/train.py\n+++ b/train.py\n@@ -1 +1 @@\n-a\n+b\n")),
        ("`train.py`:", fenced("python", "<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n")),
    ],
)
def test_what_is_no_file_never_replaces_one(sentence, block):
    read = read_files(f"{fenced('python train.py', TRAIN)}\n{sentence}\n\n{block}")
    assert read.files == {"train.py": TRAIN}


def test_a_diff_is_said_to_be_none_that_can_be_read():
    assert "diff" in read_files(fenced("diff", "--- a/train.py\n+++ b/train.py\n-a\n+b\n")).problems[0]


@pytest.mark.parametrize("text", ["", "   \n", "I cannot help with that.", "yes", "```\n```", "{}", "[]"])
def test_a_reply_without_a_file_says_so(text):
    read = read_files(text)
    assert (read.files, len(read.problems)) == ({}, 1)


def test_prose_is_what_stands_around_the_files():
    read = read_files(f"A small net.\n\n### train.py\n{fenced('python', TRAIN)}\nIt takes a second.\n")
    assert read.prose.split() == ["A", "small", "net.", "It", "takes", "a", "second."]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_and_a_byte_order_mark_are_normalised(end):
    text = "\ufeff" + fenced("python train.py", TRAIN).replace("\n", end)
    assert read_files(text).files == {"train.py": TRAIN}


def test_tabs_and_odd_line_separators_stay():
    code = "def f():\n\treturn '\x0c\u2028'\n"
    assert read_files(fenced("python train.py", code)).files == {"train.py": code}


DOCSTRING = '"""Train.\n\n```python\nmain()\n```\n\nOr:\n\n```\npython train.py\n```\n"""\n\nx = 1\n'
METHOD = 'def f():\n    """Example:\n\n    ```\n    f()\n    ```\n    """\n\n\nx = \'"""\'  # """\n'
READ_ME = "# Net\n\n```bash\npython train.py\n```\n\nThen:\n\n```python\nimport model\n```\n\nEnd.\n"


@pytest.mark.parametrize("content", [DOCSTRING, METHOD])
def test_fences_inside_a_docstring_do_not_end_the_file(content):
    text = fenced("python train.py", content) + "\nand\n\n" + fenced("python model.py", MODEL)
    assert read_files(text).files == {"train.py": content, "model.py": MODEL}


@pytest.mark.parametrize("name", ["markdown README.md", "README.md"])
def test_fences_inside_markdown_do_not_end_the_file(name):
    text = fenced(name, READ_ME) + "\n" + fenced("python train.py", TRAIN)
    assert read_files(text).files == {"README.md": READ_ME, "train.py": TRAIN}


def test_a_reply_wrapped_in_one_markdown_block_is_unwrapped():
    inner = f"# Project\n\n{fenced('python train.py', TRAIN)}\n{fenced('python model.py', MODEL)}"
    assert read_files(fenced("markdown", inner)).files == {"train.py": TRAIN, "model.py": MODEL}


def test_a_longer_fence_holds_shorter_ones():
    text = fenced("markdown README.md", f"# Net\n\n{fenced('', 'python train.py')}\n", "````")
    assert read_files(text).files == {"README.md": "# Net\n\n```\npython train.py```\n"}


def test_a_reply_that_breaks_off_gives_its_last_file_and_says_that_it_is_unfinished():
    read = read_files(f"{fenced('python model.py', MODEL)}\n```python train.py\nimport torch\n\nx = torch.on")
    assert read.files == {"model.py": MODEL, "train.py": "import torch\n\nx = torch.on\n"}
    assert read.unfinished == ["train.py"]
    assert "'train.py'" in read.problems[0]


def test_a_reply_that_breaks_off_inside_a_docstring_with_a_fence_is_not_closed_by_it():
    read = read_files("```python train.py\nx = 1\ndef f():\n    '''Use:\n\n```\nf()\n```\n  and th")
    assert read.unfinished == ["train.py"]
    assert read.files["train.py"].endswith("and th\n")


def test_an_unnamed_program_that_breaks_off_is_unfinished_too():
    assert read_files("```python\nimport torch\nx = (").unfinished == ["train.py"]


def test_a_whole_version_is_better_than_a_later_one_that_breaks_off():
    read = read_files(f"{fenced('python train.py', TRAIN)}\nAgain:\n\n```python train.py\nimport to")
    assert (read.files, read.unfinished) == ({"train.py": TRAIN}, [])
    assert "2 times" in read.problems[0]


def test_the_last_whole_version_of_a_file_wins():
    read = read_files("\n".join(fenced("python train.py", f"x = {n}\n") for n in range(3)))
    assert (read.files, read.problems) == ({"train.py": "x = 2\n"}, [])


def test_an_empty_block_that_never_closes_is_passed():
    assert read_files(f"```train.py\n```model.py\n{MODEL}```\n").files["model.py"] == MODEL


@pytest.mark.parametrize("between", ["", "\nNow the model.\n\n", "\n### model.py\n\n"])
def test_a_fence_that_never_closes_does_not_swallow_the_next_file(between):
    info = "python" if "###" in between else "python model.py"
    read = read_files(f"```python train.py\n{TRAIN}{between}{fenced(info, MODEL)}")
    assert read.files == {"train.py": TRAIN, "model.py": MODEL}
    assert read.unfinished == []


def test_a_closing_fence_that_is_indented_too_far_still_closes():
    text = f"```python train.py\n{TRAIN}      ```\n\nDone.\n"
    assert (read_files(text).files, read_files(text).unfinished) == ({"train.py": TRAIN}, [])


def test_code_with_unbalanced_quotes_ends_at_its_fence():
    broken = 'x = """\n'
    text = fenced("python train.py", broken) + "\nThe model:\n\n" + fenced("python model.py", MODEL)
    assert read_files(text).files == {"train.py": broken, "model.py": MODEL}


@pytest.mark.parametrize(
    "comment",
    [
        "# ... rest of the code unchanged ...",
        "# ... existing code ...",
        "    # ...",
        "# (the rest stays the same)",
        "# rest of the training loop unchanged",
        "# … same as before …",
        "# other methods unchanged",
        "# The remaining code is omitted for brevity",
    ],
)
def test_code_that_is_left_out_is_noticed_and_a_whole_version_is_preferred(comment):
    partial = f"import torch\n{comment}\n"
    read = read_files(fenced("python train.py", partial))
    assert read.left_out == ["train.py"]
    assert "line 2" in read.problems[0]
    both = read_files(fenced("python train.py", TRAIN) + "\n" + fenced("python train.py", partial))
    assert (both.files, both.left_out) == ({"train.py": TRAIN}, [])


@pytest.mark.parametrize(
    "comment",
    [
        "# shapes: (N, C, ...)",
        "# the rest of the batch goes to the validation set",
        "# keep the same seed as above",
        "x = ...",
        "# existing checkpoints are resumed",
        "# everything else is frozen",
    ],
)
def test_ordinary_comments_are_not_taken_for_left_out_code(comment):
    assert read_files(fenced("python train.py", f"import torch\n{comment}\n")).left_out == []


JSON_REPLIES = [
    {"files": {"train.py": TRAIN, "src/model.py": MODEL}, "explanation": "Two files."},
    {
        "files": [{"path": "train.py", "content": TRAIN}, {"path": "src/model.py", "content": MODEL}],
        "prose": "Two files.",
    },
    {
        "files": [{"filename": "train.py", "code": TRAIN}, {"name": "src/model.py", "contents": MODEL}],
        "notes": "Two files.",
    },
    {"train.py": TRAIN, "src/model.py": MODEL, "summary": "Two files."},
]


@pytest.mark.parametrize("reply", JSON_REPLIES)
@pytest.mark.parametrize("wrap", ["{}", "```json\n{}\n```", "```\n{}\n```\n"])
def test_reads_files_that_come_as_json(reply, wrap):
    read = read_files(wrap.format(json.dumps(reply, indent=1)))
    assert read.files == {"train.py": TRAIN, "src/model.py": MODEL}
    assert (read.prose, read.problems) == ("Two files.", [])


def test_json_with_raw_line_ends_inside_its_strings_is_read():
    assert read_files('{"train.py": "x = 1\ny = 2\n"}').files == {"train.py": "x = 1\ny = 2\n"}


def test_a_json_file_of_the_project_is_no_json_reply():
    text = fenced("json config.json", '{"files": {"a.py": "x = 1"}}\n') + fenced("python train.py", TRAIN)
    assert set(read_files(text).files) == {"config.json", "train.py"}


STYLES: dict[str, Callable[[str, str, str], str]] = {
    "info": lambda path, content, fence: f"{fence}python {path}\n{content}{fence}\n",
    "colon": lambda path, content, fence: f"{fence}python:{path}\n{content}{fence}\n",
    "title": lambda path, content, fence: f'{fence}python title="{path}"\n{content}{fence}\n',
    "heading": lambda path, content, fence: f"### `{path}`\n\n{fence}python\n{content}{fence}\n",
    "bold": lambda path, content, fence: f"**{path}**:\n{fence}python\n{content}{fence}\n",
    "comment": lambda path, content, fence: f"{fence}python\n# {path}\n{content}{fence}\n",
    "list": lambda path, content, fence: f"- `{path}`\n  {fence}python\n{_indented(content)}  {fence}\n",
}
PIECES = [
    "import torch",
    "x = '```'",
    "def f():\n\treturn 1",
    '"""\n```python\nf()\n```\n"""',
    "# a comment",
    "",
    "if x:\n    y = 1",
]
PIECES += ["'''\n~~~\n'''", "    # indented", 'z = """one line"""', 's = "it\'s"', "t = '#'"]


def _indented(content: str) -> str:
    return "".join(f"  {line}\n" if line else "\n" for line in content.split("\n")[:-1])


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("fence", ["```", "````", "~~~", "~~~~~"])
def test_random_files_survive_every_style(style, fence):
    rng = random.Random(f"{style} {fence}")
    for _ in range(40):
        files = {
            f"{rng.choice(['', 'src/', 'tests/'])}f{n}.py": "\n".join(["x = 0", *rng.choices(PIECES, k=5), "end = 1"])
            + "\n"
            for n in range(rng.randint(1, 4))
        }
        text = "Sure!\n\n" + "\nNext.\n\n".join(STYLES[style](path, content, fence) for path, content in files.items())
        assert read_files(text).files == files


MARKS = [
    "```",
    "~~~",
    "\n",
    "```python ",
    "# ",
    "**",
    "../",
    "\\",
    ":",
    '"""',
    "{",
    "\x00",
    "\r",
    " " * 9,
]


def test_a_damaged_reply_gives_files_that_a_project_may_have_or_says_why_not():
    rng = random.Random(3)
    whole = [style("src/a.py", DOCSTRING, "```") + style("b.py", METHOD, "~~~") for style in STYLES.values()]
    whole += [fenced("markdown README.md", READ_ME) + fenced("python train.py", TRAIN), json.dumps(JSON_REPLIES[1])]
    for _ in range(600):
        text = rng.choice(whole)
        for _ in range(rng.randint(1, 10)):
            at = rng.randrange(len(text) + 1)
            text = text[:at] + rng.choice([rng.choice(MARKS), ""]) + text[at + rng.choice([0, 0, 1, 20]) :]
        read = read_files(text)
        assert Draft(files=read.files).files or read.problems
        assert {*read.unfinished, *read.left_out} <= set(read.files)


HOSTILE = {
    "backticks": "`" * 2_000_000,
    "lines of fences": "```\n" * 30_000,
    "openings": "```python\n" * 20_000,
    "named openings": "```python a.py\n" * 30_000,
    "headings": "### a.py\n```\n" * 30_000,
    "quotes": "```python a.py\n" + '"""\n' * 300_000,
    "quotes and openings": '```python a.py\n"""\n' * 20_000,
    "markdown": "```markdown a.md\n" * 30_000,
    "markdown pairs": "```markdown a.md\n```bash\n```\n" * 20_000,
    "one line of quotes": "```python a.py\n" + "\"'\\" * 500_000 + "\n```",
    "spaces": " " * 2_000_000 + "x",
    "brackets": "[" * 1_000_000,
    "braces": '{"a":' * 300_000,
    "parentheses": "```python\n" + "(" * 100_000 + "\n```",
    "markers": "```python a.py\n<<<<<<< SEARCH\n" * 20_000,
    "stars": "*" * 1_000_000 + "\n```python\nx = 1\n```",
    "one long info": "```python " + "a/" * 500_000 + "\nx\n```",
    "distinct files": "".join(f"```f{n}.py\nx\n```\n" for n in range(10_000)),
    "distinct versions": "".join(f"```F{n % 50}.py\n# ... rest\n```\n" for n in range(10_000)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_megabytes_of_nonsense_are_read_in_a_moment(name):
    started = time.perf_counter()
    read_files(HOSTILE[name])
    assert time.perf_counter() - started < 6
