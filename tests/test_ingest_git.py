"""Checkouts and repositories are read and cited, and nothing of them is run."""

import subprocess
import time
from pathlib import Path

import pytest
from ingest_documents import DATA

from ingest.candidates import candidates_in
from ingest.documents import find_documents
from ingest.errors import Unreadable
from ingest.git import without_secrets
from ingest.git_process import run
from ingest.reading import read


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", "-C", folder, *identity, *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with one document, a remote, and settings that would run a program."""
    top = tmp_path / "checkout"
    top.mkdir()
    git(top, "init", "-q")
    (top / "guide.md").write_bytes((DATA / "guide.md").read_bytes())
    (top / ".gitattributes").write_text("*.md diff=evil filter=evil")
    git(top, "add", ".")
    git(top, "commit", "-qm", "one")
    git(top, "remote", "add", "origin", "https://me:secret@example.org/them/docs.git")
    for setting in ("core.fsmonitor", "core.sshCommand", "diff.evil.textconv", "filter.evil.smudge", "core.editor"):
        git(top, "config", setting, f"touch {tmp_path / 'ran'}")
    hook = top / ".git" / "hooks" / "post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\n")
    hook.chmod(0o755)
    (tmp_path / "ran").unlink(missing_ok=True)
    return top


def test_a_checkout_is_cited_by_address_and_commit_where_the_file_is_the_committed_one(
    checkout: Path, tmp_path: Path
) -> None:
    commit = git(checkout, "-c", "core.fsmonitor=false", "rev-parse", "HEAD")
    (tmp_path / "ran").unlink(missing_ok=True)
    [document] = find_documents(str(checkout)).documents
    assert document.cited == f"https://example.org/them/docs.git@{commit}:guide.md"
    (checkout / "guide.md").write_text("changed")
    [document] = find_documents(str(checkout)).documents
    assert document.cited == str(checkout / "guide.md")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("form", ["{}/.git", "git+file://{}", "file://{}/.git"])
def test_a_repository_is_read_without_its_files(checkout: Path, tmp_path: Path, form: str) -> None:
    found = find_documents(form.format(checkout))
    assert not found.refused
    [document] = found.documents
    assert document.data == (DATA / "guide.md").read_bytes()
    assert "secret" not in document.cited and ":guide.md" in document.cited
    assert not (tmp_path / "ran").exists()


def test_a_pattern_of_a_repository_comes_with_its_wrong_example(checkout: Path) -> None:
    patterns = DATA.parent / "patterns"
    for name in ("softmax_dim.py", "softmax_dim.wrong.py"):
        (checkout / name).write_bytes((patterns / name).read_bytes())
    git(checkout, "-c", "core.fsmonitor=false", "add", "softmax_dim.py", "softmax_dim.wrong.py")
    git(checkout, "-c", "core.fsmonitor=false", "commit", "-qm", "two")
    [document] = [one for one in find_documents(f"git+file://{checkout}").documents if one.path.endswith(".py")]
    [candidate], _ = candidates_in(read(document))
    assert candidate.pattern.wrong == (patterns / "softmax_dim.wrong.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("source", ["git+file:///no/such/place", "https://localhost:9/x.git"])
def test_an_address_that_cannot_be_cloned_is_one_sentence(source: str) -> None:
    [fault] = find_documents(source).refused
    assert fault.reason.startswith("git could not clone") and "\n" not in fault.reason


def test_no_address_can_name_a_program() -> None:
    [fault] = find_documents("git+ext::sh -c touch% /tmp/ran").refused
    assert "not allowed" in fault.reason


def test_a_git_that_hangs_is_ended_with_what_it_started(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"git took longer than 1 s"):
        run(["sh", "-c", f"(sleep 3; touch {tmp_path / 'ran'}) & sleep 60"], timeout=1.0)
    time.sleep(2.5)
    assert not (tmp_path / "ran").exists()


def test_a_git_that_never_ends_to_tell_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.git_process.MOST_OUTPUT", 1_000_000)
    with pytest.raises(Unreadable, match="tells more than 1 MB"):
        run(["yes"], timeout=60.0)


def test_names_and_passwords_in_addresses_are_not_kept() -> None:
    assert without_secrets("https://me:token@example.org/a.git") == "https://example.org/a.git"
    assert without_secrets("git@example.org:a.git") == "git@example.org:a.git"
