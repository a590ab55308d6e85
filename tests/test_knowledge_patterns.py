"""Reading pattern files, and the status that vetting records give them."""

import ast
import json
from pathlib import Path

import pytest

from knowledge.errors import PatternError
from knowledge.patterns import REPOSITORY, project_source, read_pattern, read_patterns
from knowledge.schema import Vetting
from knowledge.vetting import append_record, read_records, status_of, write_records

DATA = Path(__file__).parent / "data" / "patterns"
HEADER = """# /// pattern
# id = "pt.area.name"
# topic = "area"
# questions = ["one", "two", "three"]
# apis = []
# why = "Because."
# ///
"""
PROGRAM = '"""Title.\n\nMore of it,\nin two lines.\n"""\n\nimport sys\n\nif __name__ == "__main__":\n    sys.exit()\n'
RECORD = Vetting(
    sha256="abc",
    framework_version="2.13.0+cpu",
    python="3.11.7",
    date="2026-01-01",
    tier="A",
    checks=["runs"],
    wall_s=1.0,
    peak_memory_mb=1.0,
)


def written(folder: Path, text: str, name: str = "name.py") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_header_title_summary_and_wrong_example() -> None:
    pattern = read_pattern(DATA / "softmax_before_loss.py", root=DATA)
    assert (pattern.id, pattern.framework) == ("pt.loss.cross-entropy-logits", "pytorch")
    assert pattern.title == "Cross entropy on logits"
    assert pattern.summary == "The loss of a sure and right prediction is close to zero."
    assert pattern.wrong is not None and pattern.wrong.startswith('"""Softmax twice')
    assert pattern.path == "softmax_before_loss.py"
    assert "# ///" not in pattern.code and pattern.code.startswith('"""Cross entropy')


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (PROGRAM, "first line"),
        ("# /// pattern\n" + PROGRAM, "no end"),
        (HEADER.replace('topic = "area"', "topic = area") + PROGRAM, "not TOML"),
        (HEADER.replace("# topic", "topic") + PROGRAM, "begin with '#'"),
        (HEADER.replace('# topic = "area"\n', "") + PROGRAM, "topic"),
        (HEADER.replace("pt.area.name", "jax.area.name") + PROGRAM, "id"),
        (HEADER.replace("pt.area.name", "pt.Area.name") + PROGRAM, "id"),
        (HEADER.replace(', "three"', "") + PROGRAM, "questions"),
        (HEADER.replace("# apis", '# status = "vetted"\n# apis') + PROGRAM, "'status', which is computed"),
        (HEADER.replace("# apis", '# role = "data"\n# apis') + PROGRAM, "provides"),
        (HEADER.replace("# apis", '# wrong_outcome = "raises X"\n# apis') + PROGRAM, "wrong_outcome"),
        (HEADER.replace("# why", '# applies = { jax = ">1" }\n# why') + PROGRAM, "'jax' does not decide"),
        (HEADER.replace("# why", '# applies = { torch = "new" }\n# why') + PROGRAM, "applies"),
        (HEADER.replace("# apis", "# colour = 3\n# apis") + PROGRAM, "colour"),
        (HEADER + "import sys\n", "title"),
        (HEADER + "def f(:\n", "does not parse"),
    ],
)
def test_a_malformed_file_is_named_with_its_field(tmp_path: Path, text: str, named: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(PatternError, match=named) as caught:
        read_pattern(path, root=tmp_path)
    assert str(path) in str(caught.value)


def test_an_id_that_two_files_claim_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "patterns"
    root.mkdir()
    written(root, HEADER + PROGRAM, "a.py")
    written(root, HEADER + PROGRAM, "b.py")
    with pytest.raises(PatternError, match=r"b\.py: id 'pt\.area\.name' is already taken by a\.py"):
        read_patterns(root)


def test_any_change_to_program_header_or_wrong_example_changes_the_hash(tmp_path: Path) -> None:
    text = HEADER.replace("# apis", '# wrong_outcome = "raises ValueError: no"\n# apis') + PROGRAM
    wrong = written(tmp_path, "raise ValueError('no')\n", "name.wrong.py")
    hashes = set()
    for program, example in [(text, "a"), (text.replace("Because", "So"), "a"), (text + "\n", "a"), (text, "b")]:
        wrong.write_text(example, encoding="utf-8")
        hashes.add(read_pattern(written(tmp_path, program), root=tmp_path).sha256)
    assert len(hashes) == 4


def test_project_source_leaves_out_docstring_and_demo(tmp_path: Path) -> None:
    text = HEADER + PROGRAM.replace("if __name__", 'LIMIT = "if __name__"\n\n\nif __name__')
    assert project_source(read_pattern(written(tmp_path, text), root=tmp_path)) == (
        'import sys\n\nLIMIT = "if __name__"\n'
    )


KERAS = {"versions": {"tensorflow": "2.21.0", "keras": "3.15.1"}, "framework_version": "2.21.0"}


@pytest.mark.parametrize(
    ("framework", "record", "installed", "status"),
    [
        ("pytorch", {}, {"torch": "2.13.1"}, "vetted"),
        ("pytorch", {}, {"torch": "2.14.0"}, "stale"),
        ("pytorch", {}, {"torch": "3.13.0"}, "stale"),
        ("pytorch", {}, {}, "stale"),
        ("pytorch", {"sha256": "other"}, {"torch": "2.13.0"}, "unvetted"),
        ("pytorch", None, {"torch": "2.13.0"}, "unvetted"),
        ("pytorch", {"failed": "it raised"}, {"torch": "2.13.0"}, "rejected"),
        ("tensorflow", KERAS, {"tensorflow": "2.21.1", "keras": "3.15.0"}, "vetted"),
        ("tensorflow", KERAS, {"tensorflow": "2.21.0", "keras": "3.16.0"}, "stale"),
        ("tensorflow", KERAS, {"tensorflow": "2.21.0"}, "stale"),
    ],
)
def test_status_follows_from_hash_versions_and_record(
    tmp_path: Path, framework: str, record: dict[str, str] | None, installed: dict[str, str], status: str
) -> None:
    text = HEADER.replace("pt.area", "tf.area") if framework == "tensorflow" else HEADER
    pattern = read_pattern(written(tmp_path, text + PROGRAM), root=tmp_path)
    vetting = None if record is None else RECORD.model_copy(update={"sha256": pattern.sha256} | record)
    assert status_of(pattern, vetting, installed=installed) == status


@pytest.mark.parametrize(("applies", "status"), [(">=2.4", "vetted"), (">=2.13,<2.14", "vetted"), ("<2.13", "stale")])
def test_a_pattern_that_does_not_apply_to_what_is_installed_is_stale(tmp_path: Path, applies: str, status: str) -> None:
    text = HEADER.replace("# why", f'# applies = {{ torch = "{applies}" }}\n# why') + PROGRAM
    pattern = read_pattern(written(tmp_path, text), root=tmp_path)
    record = RECORD.model_copy(update={"sha256": pattern.sha256})
    assert status_of(pattern, record, installed={"torch": "2.13.0+cpu"}) == status


def test_status_is_that_of_the_framework_that_will_run_the_code(tmp_path: Path) -> None:
    root = tmp_path / "patterns"
    root.mkdir()
    pattern = read_pattern(written(root, HEADER + PROGRAM), root=root)
    write_records(tmp_path / "vetting.jsonl", {pattern.id: RECORD.model_copy(update={"sha256": pattern.sha256})})
    assert [read.status for read in read_patterns(root, versions={"pytorch": {"torch": "2.13.9"}})] == ["vetted"]
    assert [read.status for read in read_patterns(root, versions={"pytorch": {"torch": "2.12.0"}})] == ["stale"]


def test_the_latest_record_counts_and_a_torn_last_line_does_not(tmp_path: Path) -> None:
    path = tmp_path / "vetting.jsonl"
    append_record(path, "pt.a.b", RECORD)
    append_record(path, "pt.a.b", RECORD.model_copy(update={"sha256": "new"}))
    with path.open("a", encoding="utf-8") as file:
        file.write('{"id": "pt.a.c", "sha')
    assert {key: record.sha256 for key, record in read_records(path).items()} == {"pt.a.b": "new"}


def test_a_record_that_cannot_be_read_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "vetting.jsonl"
    append_record(path, "pt.a.b", RECORD)
    path.write_text(path.read_text(encoding="utf-8") + "nonsense\n", encoding="utf-8")
    with pytest.raises(PatternError, match=r"vetting\.jsonl:2"):
        read_records(path)


def test_the_repository_s_records_are_sorted_with_one_line_per_pattern() -> None:
    lines = (REPOSITORY.parent / "vetting.jsonl").read_text(encoding="utf-8").splitlines()
    ids = [json.loads(line)["id"] for line in lines]
    assert ids == sorted(set(ids))


def test_every_pattern_of_the_repository_can_be_put_into_a_project() -> None:
    for pattern in read_patterns(REPOSITORY):
        source = project_source(pattern)
        assert "__main__" not in source, pattern.path
        names = {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        assert pattern.entry is None or pattern.entry in names, pattern.path


def test_twins_are_the_same_thing_in_the_other_framework_and_point_back() -> None:
    patterns = {pattern.id: pattern for pattern in read_patterns(REPOSITORY)}
    for pattern in patterns.values():
        if pattern.twin is not None:
            assert pattern.twin in patterns, pattern.path
            assert patterns[pattern.twin].framework != pattern.framework, pattern.path
            assert patterns[pattern.twin].twin == pattern.id, pattern.path
