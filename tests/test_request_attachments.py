"""Attached files: what is read from them, what is refused, and what a question about them becomes."""

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.errors import RequestError
from assistant.request.arrays import ArraysProfile
from assistant.request.attachments import Attachment, read_attachment, read_attachments
from assistant.request.fields import field_values
from assistant.request.settle import Understanding
from assistant.request.table import TableProfile
from assistant.request.understand import understand

TABLES = Path(__file__).parent / "data" / "tables"
D = "ml_task.dataset_info"


def table(name: str) -> Attachment:
    return read_attachment(TABLES / name)


def archive(folder: Path, name: str = "arrays.npz", **arrays: Any) -> Attachment:
    np.savez(folder / name, **arrays)
    return read_attachment(folder / name)


def facts(understanding: Understanding) -> dict[str, Any]:
    assert understanding.kind == "build", understanding
    assert understanding.request is not None
    values = field_values(understanding.request)
    found = {name.rpartition(".")[2]: value for name, value in values.items() if name.startswith(D)}
    return found | {"type": values["ml_task.type"]}


def test_a_table_is_profiled_by_column() -> None:
    attachment = table("churn.csv")
    assert attachment.kind == "csv"
    assert isinstance(attachment.profile, TableProfile)
    assert attachment.profile.rows == 40
    found = {column.name: (column.kind, column.missing) for column in attachment.profile.columns}
    assert found == {
        "customer_id": ("identifier", 0),
        "age": ("numeric", 0),
        "plan": ("categorical", 0),
        "monthly_fee": ("numeric", 5),
        "churned": ("categorical", 0),
    }


@pytest.mark.parametrize(
    ("name", "file", "first", "note"),
    [
        ("houses_semicolons.csv", "houses_semicolons.csv", b"area,rooms,price\n", "semicolons"),
        ("plants_tabs_bom.tsv", "plants_tabs_bom.csv", b"height,width,species\n", "tabs"),
        ("cities_latin1.csv", "cities_latin1.csv", b"city,size,label\n", "Latin-1"),
    ],
)
def test_any_dialect_becomes_plain_commas_and_is_said(name: str, file: str, first: bytes, note: str) -> None:
    attachment = table(name)
    assert (attachment.name, attachment.content.splitlines(keepends=True)[0]) == (file, first)
    assert attachment.content.decode("utf-8").count("\ufffd") == 0
    built = understand("train a model on this file", attachments=[attachment])
    assert any(note in line for line in built.assumptions)


def test_decimal_commas_become_numbers() -> None:
    profile = table("houses_semicolons.csv").profile
    assert isinstance(profile, TableProfile)
    assert [column.kind for column in profile.columns] == ["numeric"] * 3


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("no_header.csv", "no header row"),
        ("ragged.csv", "Data row 13"),
        ("empty.csv", "is empty"),
        ("single_column.csv", "single column"),
        ("two_rows.csv", "2 rows"),
        ("same_name_twice.csv", "two columns called 'a'"),
        ("binary.csv", "not a text file"),
        ("utf16.csv", "not a text file"),
        ("open_quote.csv", "open_quote.csv"),
        ("absent.csv", "does not exist"),
        ("", "is a folder"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(name: str, part: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_attachment(TABLES / name)
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_an_unreadable_file_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "locked.csv"
    path.write_text("a,b\n")
    path.chmod(0)
    with pytest.raises(RequestError, match="permissions"):
        read_attachment(path)


def test_what_is_not_a_regular_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(RequestError, match="not a regular file"):
        read_attachment(tmp_path / "pipe.csv")


def test_a_folder_attaches_its_files_but_hidden_ones(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("x")
    (tmp_path / "sub" / "train.py").write_text("print(1)")
    (tmp_path / "notes.md").write_text("hello")
    found = read_attachments([tmp_path])
    assert [(item.name, item.kind) for item in found] == [("notes.md", "other"), ("sub/train.py", "code")]


@pytest.mark.parametrize(
    ("name", "question", "expected"),
    [
        ("churn.csv", "predict whether they churned",
         {"target": "churned", "type": "classification", "output_shape": 2, "input_shape": [4], "num_samples": 40,
          "source": "csv", "dataset_path": "data/churn.csv", "dataset_name": "churn.csv", "modality": "tabular"}),
        ("churn.csv", "train an MLP, target column monthly_fee", {"target": "monthly_fee", "type": "regression"}),
        ("churn.csv", "keras mlp on churn.csv with target=plan", {"target": "plan", "output_shape": 3}),
        ("churn.csv", "predict the monthly fee with an mlp", {"target": "monthly_fee", "type": "regression"}),
        ("churn.csv", "build a classifier for this data", {"target": "churned", "type": "classification"}),
        ("houses_semicolons.csv", "predict price", {"target": "price", "type": "regression", "output_shape": 1}),
        ("plants_tabs_bom.tsv", "classify them", {"target": "species", "output_shape": 3, "input_shape": [2]}),
        ("cities_latin1.csv", "train a classifier", {"target": "label", "type": "classification", "output_shape": 2}),
        ("reviews.csv", "sentiment classifier with an LSTM",
         {"target": "sentiment", "inputs": "review", "modality": "text", "output_shape": 2, "input_shape": None}),
    ],
)  # fmt: skip
def test_the_file_fills_in_what_the_question_leaves_open(name: str, question: str, expected: dict[str, Any]) -> None:
    found = facts(understand(question, attachments=[table(name)]))
    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("name", "question", "part"),
    [
        ("churn.csv", "train an MLP, target column salary", "no column 'salary'"),
        ("churn.csv", "predict the 'lifetime value' with an mlp", "no column 'lifetime value'"),
        ("churn.csv", "regression with target=churned", "categories"),
        ("churn.csv", "classification with target=monthly_fee", "regression"),
        ("churn.csv", "classify churned into 5 classes", "2 classes"),
        ("churn.csv", "classifier with target column customer_id", "no classes"),
    ],
)
def test_a_question_that_the_file_contradicts_is_asked_back(name: str, question: str, part: str) -> None:
    understanding = understand(question, attachments=[table(name)])
    assert understanding.kind == "question", understanding
    assert part in understanding.message


def test_of_two_data_files_the_named_one_is_used() -> None:
    both = [table("churn.csv"), table("reviews.csv")]
    assert understand("train a classifier", attachments=both).kind == "question"
    assert facts(understand("train a classifier on churn.csv", attachments=both))["dataset_path"] == "data/churn.csv"


def test_named_data_wins_over_an_earlier_attachment() -> None:
    first = understand("predict whether they churned", attachments=[table("churn.csv")])
    then = understand("the same for iris", previous=first.request, attachments=[table("churn.csv")])
    last = understand("with lr 0.1", previous=then.request, attachments=[table("churn.csv")])
    assert facts(then)["dataset_name"] == facts(last)["dataset_name"] == "iris"
    back = understand("now on my csv file again", previous=last.request, attachments=[table("churn.csv")])
    assert facts(back)["dataset_path"] == "data/churn.csv"


def test_a_follow_up_keeps_the_target_that_was_named() -> None:
    files = [table("churn.csv")]
    first = understand("mlp with target=plan", attachments=files)
    then = facts(understand("the same in Keras", previous=first.request, attachments=files))
    assert (then["target"], then["output_shape"]) == ("plan", 3)


def test_a_file_takes_the_place_of_synthetic_data_that_stood_in() -> None:
    first = understand("an mlp with 3 classes and 12 features")
    then = facts(understand("use my csv file", previous=first.request, attachments=[table("plants_tabs_bom.tsv")]))
    assert (then["source"], then["input_shape"]) == ("csv", [2])


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        (np.zeros((50, 12, 12, 3), np.uint8), np.arange(50) % 4,
         {"input_shape": [3, 12, 12], "channels_last": True, "output_shape": 4, "num_samples": 50}),
        (np.zeros((50, 3, 12, 12)), np.arange(50) % 4, {"input_shape": [3, 12, 12], "channels_last": False}),
        (np.zeros((50, 8, 9)), np.arange(50) % 2, {"input_shape": [1, 8, 9], "modality": "image"}),
        (np.zeros((50, 7)), np.arange(50) % 2, {"input_shape": [7], "modality": "tabular", "type": "classification"}),
        (np.zeros((50, 7)), np.linspace(0, 1, 50), {"type": "regression", "output_shape": 1}),
        (np.zeros((50, 7)), np.array(["cat", "dog"] * 25), {"type": "classification", "output_shape": 2}),
    ],
)  # fmt: skip
def test_arrays_say_their_shapes_and_task(x: Any, y: Any, expected: dict[str, Any], tmp_path: Path) -> None:
    found = facts(understand("train a model on these arrays", attachments=[archive(tmp_path, x=x, y=y)]))
    assert {key: found[key] for key in expected} == expected
    assert (found["inputs"], found["target"], found["source"]) == ("x", "y", "npz")


def test_a_downloaded_archive_of_a_known_set_is_used(tmp_path: Path) -> None:
    images, labels = np.zeros((60, 28, 28), np.uint8), np.arange(60) % 10
    item = archive(tmp_path, "mnist.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    built = understand("train a cnn on MNIST", attachments=[item])
    assert (facts(built)["inputs"], facts(built)["dataset_path"]) == ("x_train", "data/mnist.npz")
    assert any("x_test" in line for line in built.assumptions)


@pytest.mark.parametrize(
    ("arrays", "part"),
    [
        ({"a": np.zeros((9, 2)), "b": np.zeros((9, 2))}, "which are the inputs"),
        ({"x": np.zeros((9, 2)), "y": np.zeros(8)}, "pair up"),
        ({"x": np.zeros((9, 5, 6, 7)), "y": np.zeros(9, int)}, "channels"),
        ({"x": np.zeros((9, 2)), "y": np.zeros((9, 3))}, "one label per sample"),
    ],
)
def test_arrays_that_do_not_explain_themselves_are_asked_about(
    arrays: dict[str, Any], part: str, tmp_path: Path
) -> None:
    understanding = understand("train a model on this", attachments=[archive(tmp_path, **arrays)])
    assert understanding.kind == "question"
    assert part in understanding.message


def npz_bytes(**arrays: Any) -> bytes:
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def bomb() -> bytes:
    """A header that promises more than fits anywhere."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        stream = io.BytesIO()
        np.lib.format.write_array_header_1_0(stream, {"descr": "<f8", "fortran_order": False, "shape": (10**9, 10**6)})
        zipped.writestr("x.npy", stream.getvalue())
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "not a readable"),
        (b"not a zip", "not a readable"),
        (npz_bytes(x=np.zeros(9))[:-40], "not a readable"),
        (npz_bytes(), "no arrays"),
        (npz_bytes(x=np.array([{"a": 1}, None], dtype=object)), "Python objects"),
        (bomb(), "MiB"),
    ],
)
def test_a_broken_archive_is_one_sentence_and_is_never_unpickled(content: bytes, part: str, tmp_path: Path) -> None:
    path = tmp_path / "arrays.npz"
    path.write_bytes(content)
    with pytest.raises(RequestError, match=part):
        read_attachment(path)


def test_label_arrays_count_their_classes(tmp_path: Path) -> None:
    profile = archive(tmp_path, x=np.zeros((6, 2)), y=np.array([3, 3, 7, 7, 9, 9])).profile
    assert isinstance(profile, ArraysProfile)
    assert profile.arrays["y"].distinct == 3
    assert profile.arrays["x"].distinct is None


def test_a_class_too_small_to_split_is_asked_about_before_any_work(tmp_path: Path) -> None:
    rows = [f"{n},{n % 2}" for n in range(40)] + ["40,2"]
    (tmp_path / "rare.csv").write_text("\n".join(["x,label", *rows]) + "\n", encoding="utf-8")
    np.savez(tmp_path / "rare.npz", x=np.random.default_rng(0).normal(size=(41, 3)), y=np.array([0, 1] * 20 + [2]))
    for name in ("rare.csv", "rare.npz"):
        understanding = understand("classify this data", attachments=[read_attachment(tmp_path / name)])
        assert understanding.kind == "question"
        assert "only 1 samples" in understanding.message


def code(content: bytes = b"import keras\n", name: str = "train.py") -> Attachment:
    return Attachment(name=name, kind="code", content=content)


@pytest.mark.parametrize("question", ["add early stopping to my script", "fix the attached script", "make it faster"])
def test_a_model_works_from_attached_code_and_its_data(question: str) -> None:
    understanding = understand(question, attachments=[code()], composes=False)
    found = facts(understanding)
    assert (found["source"], found["dataset_name"]) == (None, None)
    assert understanding.request is not None
    assert (understanding.request.framework, understanding.request.context.existing_codebase) == ("tensorflow", True)
    assert understanding.unplanned == ["changing an existing code base"]
    assert not any("not used" in line for line in understanding.assumptions)


def test_code_that_is_ported_is_ported_to_the_framework_that_was_named() -> None:
    request = understand("port this to pytorch", attachments=[code()], composes=False).request
    assert request is not None
    assert request.framework == "pytorch"


def test_data_that_is_named_is_used_beside_attached_code() -> None:
    found = facts(understand("train digits with this script", attachments=[code()], composes=False))
    assert (found["source"], found["dataset_name"]) == ("sklearn", "digits")


def test_an_attached_file_that_nobody_can_read_is_said_not_to_be_used() -> None:
    weights = Attachment(name="weights.bin", kind="other", content=b"\x00\x01")
    notes = understand("digits cnn", attachments=[weights, code()], composes=False).assumptions
    assert [line for line in notes if "not used" in line] == [
        "weights.bin was attached and is not used: only texts, CSV and .npz files are."
    ]


@pytest.mark.parametrize(
    ("question", "shapes", "expected", "unplanned"),
    [
        (
            "segment the attached tiles",
            {"x": (20, 3, 8, 8), "y": (20, 8, 8)},
            {"type": "segmentation", "input_shape": [3, 8, 8], "output_shape": 3},
            "targets of shape [8, 8]",
        ),
        ("several labels each, from the attached arrays", {"x": (20, 5), "y": (20, 4)}, {"output_shape": [4]}, "[4]"),
        ("a cnn for the attached series", {"x": (20, 24, 7), "y": (20,)}, {"input_shape": [1, 24, 7]}, None),
        ("a cnn for the attached clips", {"x": (20, 2, 9, 8, 8), "y": (20,)}, {"input_shape": [2, 9, 8, 8]}, "samples"),
    ],
)
def test_arrays_of_any_shape_are_taken_where_a_model_drafts(
    question: str, shapes: dict[str, Any], expected: dict[str, Any], unplanned: str | None, tmp_path: Path
) -> None:
    arrays = {name: np.arange(np.prod(shape)).reshape(shape) % 3 for name, shape in shapes.items()}
    understanding = understand(question, attachments=[archive(tmp_path, **arrays)], composes=False)
    found = facts(understanding)
    assert {name: found[name] for name in expected} == expected
    assert [unplanned in part for part in understanding.unplanned] == ([True] if unplanned else [])


def test_texts_as_a_target_are_taken_where_a_model_drafts(tmp_path: Path) -> None:
    rows = [f"the text number {n} of many,der Text Nummer {n} von vielen" for n in range(40)]
    (tmp_path / "pairs.csv").write_text("\n".join(["english,german", *rows]), encoding="utf-8")
    pairs = [read_attachment(tmp_path / "pairs.csv")]
    understanding = understand("translate english, predict column german", attachments=pairs, composes=False)
    assert facts(understanding)["type"] == "nlp"
    assert "translation" in understanding.unplanned
