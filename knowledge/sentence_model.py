"""Any sentence-transformers model on this disk, in place of the default one. Imports torch, which takes seconds."""

import hashlib
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.errors import IndexUnavailable

if TYPE_CHECKING:
    import numpy as np

READ = {".safetensors", ".bin", ".json", ".txt", ".model"}
"""Endings of the files that decide what the vectors are: weights, word pieces, and how they are put together."""
OTHER_ENGINES = {"onnx", "openvino"}


class SentenceModel:
    """A model by its name, where it was downloaded before, or by its folder. See knowledge.embed.Embedder."""

    english_only = False  # Its files do not say; many read a hundred languages.

    def __init__(self, model: str) -> None:
        """Raises IndexUnavailable when it is not on this disk, or cannot be read."""
        # Its word pieces would be made in threads, about which it warns at every later fork of this process.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        self.folder = find_folder(model)
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()
        try:
            self._model = SentenceTransformer(str(self.folder), device="cpu", local_files_only=True)
        except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
            first = str(error).strip().split("\n")[0]
            raise IndexUnavailable(
                f"{self.folder} is not a sentence-transformers model that can be read ({first}); "
                "set GRADPROOF_EMBEDDING_MODEL to another, or unset it"
            ) from error
        self.name = f"{Path(model).name}/{_content(self.folder)}"
        self.dim = int(self._model.get_embedding_dimension() or 0)
        self._one_at_a_time = threading.Lock()

    def embed(self, texts: list[str]) -> "np.ndarray":
        """See Embedder."""
        import numpy as np

        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        with self._one_at_a_time:
            return self._model.encode_document(texts, normalize_embeddings=True, show_progress_bar=False)

    def embed_query(self, text: str) -> "np.ndarray":
        """See Embedder. With the words that the model wants before a query, where it says so itself."""
        with self._one_at_a_time:
            return self._model.encode_query(text, normalize_embeddings=True, show_progress_bar=False)


def find_folder(model: str) -> Path:
    """Where the model lies; nothing is downloaded. Raises IndexUnavailable."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        if (folder := Path(model).expanduser()).is_dir():
            return folder.resolve()
        return Path(snapshot_download(model, local_files_only=True))
    except (HFValidationError, LocalEntryNotFoundError, OSError):
        raise IndexUnavailable(
            f"the embedding model {model!r} is neither a folder nor downloaded; run `hf download {model}` once, "
            "or set GRADPROOF_EMBEDDING_MODEL to a folder, or unset it"
        ) from None


def _content(folder: Path) -> str:
    """Changes when the model does."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        within = path.relative_to(folder)
        if path.suffix in READ and path.is_file() and not OTHER_ENGINES & set(within.parts):
            with path.open("rb") as file:
                digest.update(f"{within.as_posix()}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\0".encode())
    return digest.hexdigest()[:16]
