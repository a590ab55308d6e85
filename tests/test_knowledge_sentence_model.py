"""A sentence-transformers model in place of the default one, and an index made anew for it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command import gradproof

from knowledge.embed import model_folder
from knowledge.errors import IndexUnavailable
from knowledge.sentence_model import find_folder

USE = """
import json, sys
from pathlib import Path
import numpy as np
from knowledge.embed import open_embedder
from knowledge.index import build_index, open_index
from knowledge.patterns import REPOSITORY, read_patterns

home, folder = map(Path, sys.argv[1:3])
ours, theirs = open_embedder(), open_embedder(str(folder))
texts = ["cosine learning rate schedule", "", "ValueError: lr " * 300, "как 学习", "how do I decay it"]
patterns = [one for one in read_patterns(REPOSITORY) if one.topic.startswith("train.") or one.role == "schedule"][:25]
told = {"name": theirs.name, "dim": theirs.dim}
told["nearness"] = float((ours.embed(texts) * theirs.embed(texts)).sum(1).min())
told["query"] = float(ours.embed_query(texts[0]) @ theirs.embed_query(texts[0]))
build_index(patterns, home, ours)
try:
    build_index(patterns, home, theirs)
except Exception as error:
    told["refused"] = str(error)
build_index(patterns, home, theirs, rebuild=True)
with open_index(home, embedder=theirs) as index:
    told["found"] = [hit.pattern.id for hit in index.search("warm up and decay the learning rate", vetted_only=False)]
build_index(patterns, home, ours, rebuild=True)
with open_index(home, embedder=ours) as index:
    told["same"] = [hit.pattern.id for hit in index.search("warm up and decay the learning rate", vetted_only=False)]
print(json.dumps(told))
"""


def use(home: Path, folder: Path) -> dict[str, object]:
    command = [sys.executable, "-c", USE, str(home), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=290)
    assert done.returncode == 0, done.stderr
    assert "%|" not in done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_a_configured_model_gives_its_own_vectors_and_an_index_of_its_own(tmp_path: Path) -> None:
    told = use(tmp_path, model_folder())
    assert told["dim"] == 384
    assert min(told["nearness"], told["query"]) > 0.999
    assert f"not with {told['name']!r}; run `gradproof ingest --rebuild`" in str(told["refused"])
    assert told["found"] == told["same"] != []


@pytest.mark.slow
def test_a_model_whose_files_changed_has_another_name(tmp_path: Path) -> None:
    changed = tmp_path / "model"
    shutil.copytree(model_folder(), changed)
    settings = changed / "sentence_bert_config.json"
    settings.write_text(json.dumps(json.loads(settings.read_text()) | {"max_seq_length": 64}), encoding="utf-8")
    first, second = use(tmp_path / "a", model_folder()), use(tmp_path / "b", changed)
    assert first["name"] != second["name"]


@pytest.mark.parametrize("model", ["no/such-model", "/no/such/folder", "a b//c", "x" * 300])
def test_a_model_that_is_not_on_this_disk_is_said(model: str) -> None:
    with pytest.raises(IndexUnavailable, match=r"neither a folder nor downloaded; .*GRADPROOF_EMBEDDING_MODEL"):
        find_folder(model)


def test_the_command_says_in_one_sentence_that_the_model_is_missing(own_environment: Path) -> None:
    given = {"GRADPROOF_HOME": str(own_environment), "GRADPROOF_EMBEDDING_MODEL": "no/such-model"}
    done = gradproof("search", "warm up", **given)
    assert done.returncode == 3
    assert done.stderr.startswith("gradproof: the embedding model 'no/such-model' is neither a folder nor downloaded;")
    assert done.stderr.count("\n") == 1
