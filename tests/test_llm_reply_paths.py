"""Where the files of a reply may lie: names are tidied, and none leads out of the project."""

import pytest
from reply_blocks import MODEL, TRAIN, fenced

from assistant.drafters.llm.reply import MOST_CHARACTERS, MOST_FILES, read_files

REFUSED = [
    ("../x.py", "leads out"),
    ("src/../../x.py", "leads out"),
    ("/etc/passwd", "absolute"),
    ("C:\\code\\train.py", "absolute"),
    ("c:/code/train.py", "absolute"),
    ("\\\\host\\share\\x.py", "absolute"),
    ("..\\x.py", "leads out"),
    ("~/train.py", "home"),
    (".git/hooks/pre-commit.py", "hidden"),
    ("src/.env.py", "hidden"),
    ("a" * 300 + ".py", "longer"),
    ("tra\x07in.py", "control"),
    ("", "empty"),
    ("src/", "folder"),
    ("a|b.py", "characters"),
]


@pytest.mark.parametrize(("path", "why"), REFUSED)
def test_a_path_that_leads_elsewhere_is_refused_by_name(path, why):
    read = read_files(fenced(f'python file="{path}"', TRAIN) + fenced("python model.py", MODEL))
    assert read.files == {"model.py": MODEL}
    assert len(read.problems) == 1
    assert why in read.problems[0]
    assert repr(path[:20])[1:-1] in read.problems[0], "it is named as it was written"


@pytest.mark.parametrize("path", ["../x.py", "/etc/cron.d/x.py", "~/.bashrc", ".git/config", "C:\\x.py"])
@pytest.mark.parametrize(
    "shape", ["```{}\nx = 1\n```", "### {}\n```python\nx = 1\n```", '{{"files": {{"{}": "x = 1"}}}}']
)
def test_no_way_of_naming_a_file_leads_out_of_the_project(path, shape):
    path = path.replace("\\", "\\\\") if shape.startswith("{{") else path
    read = read_files(shape.format(path))
    assert read.files == {}
    assert "was left out" in read.problems[0]


@pytest.mark.parametrize(
    ("path", "tidied"),
    [
        ("./train.py", "train.py"),
        ("src\\train.py", "src/train.py"),
        ("src//a/./b.py", "src/a/b.py"),
        (".gitignore", ".gitignore"),
    ],
)
def test_harmless_spellings_of_a_path_are_tidied(path, tidied):
    assert list(read_files(fenced(f'file="{path}"', "x = 1\n")).files) == [tidied]


@pytest.mark.parametrize(
    ("paths", "tidied"),
    [
        (["project/train.py", "project/src/model.py"], ["train.py", "src/model.py"]),
        (["my/app/train.py", "my/app/model.py"], ["my/app/train.py", "my/app/model.py"]),
        (["unet-project/model.py", "unet-project/data.py"], ["model.py", "data.py"]),
        (["project/train.py", "README.md"], ["project/train.py", "README.md"]),
        (["tests/test_a.py", "tests/test_b.py"], ["tests/test_a.py", "tests/test_b.py"]),
        (["src/model.py"], ["src/model.py"]),
    ],
)
def test_the_projects_own_folder_is_taken_off_where_all_files_share_it(paths, tidied):
    assert list(read_files("\n".join(fenced(path, f"x = {n}\n") for n, path in enumerate(paths))).files) == tidied


def test_a_folder_that_the_code_imports_is_a_package_and_stays():
    text = fenced("src/train.py", "from src.model import Net\n") + fenced("src/model.py", MODEL)
    assert list(read_files(text).files) == ["src/train.py", "src/model.py"]


def test_names_that_differ_in_case_only_are_one_file():
    read = read_files(fenced("readme.md", "one\n") + fenced("README.md", "two\n"))
    assert read.files == {"README.md": "two\n"}
    assert "case" in read.problems[0]


def test_a_file_cannot_be_a_folder_as_well():
    read = read_files(fenced("model.py", MODEL) + fenced("model.py/net.py", MODEL))
    assert list(read.files) == ["model.py"]
    assert "folder" in read.problems[0]


def test_files_that_are_too_long_or_too_many_are_left_out_by_name():
    long = read_files(fenced("train.py", TRAIN) + fenced("big.py", "x = 1\n" * (MOST_CHARACTERS // 6 + 1)))
    assert list(long.files) == ["train.py"]
    assert "'big.py'" in long.problems[0]
    many = read_files("\n".join(fenced(f"f{n}.py", "x = 1\n") for n in range(MOST_FILES + 30)))
    assert len(many.files) == MOST_FILES
    assert "more problems" in many.problems[-1]


def test_characters_that_cannot_be_encoded_do_not_reach_a_file():
    files = read_files(fenced("train.py", "x = '\ud800'\n")).files | read_files('{"a.py": "x = \'\\ud800\'"}').files
    assert len("".join(files.values()).encode()) > 0
    assert len(files) == 2
