"""Vectors of texts seen before, kept in a file, so that an index over mostly the same patterns is built in a moment."""

import hashlib
import logging
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.embed import Embedder
from knowledge.files import replacing

if TYPE_CHECKING:
    import numpy as np

log = logging.getLogger(__name__)


def embed_remembered(texts: list[str], *, embedder: Embedder, path: Path) -> "np.ndarray":
    """As embedder.embed(texts), but only for what `path` does not hold; `path` then holds these texts, at least."""
    import numpy as np

    keys = [hashlib.sha256(f"{embedder.name}\0{text}".encode()).hexdigest() for text in texts]
    known = _read(path, dim=embedder.dim)
    unknown = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    known |= dict(zip(unknown, embedder.embed(list(unknown.values())), strict=True))
    rows = np.array([known[key] for key in keys], dtype=np.float32).reshape(len(keys), embedder.dim)
    if unknown:
        with replacing(path) as draft, draft.open("wb") as file:
            np.savez(file, keys=np.array(keys), rows=rows)
    return rows


def _read(path: Path, *, dim: int) -> dict[str, "np.ndarray"]:
    """Text's key -> vector; empty where the file is missing or cannot be read, since it can be made again."""
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as held:
            keys, rows = held["keys"].tolist(), held["rows"]
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        log.warning("%s cannot be read (%s); its vectors are made again", path, error)
        return {}
    return dict(zip(keys, rows, strict=True)) if rows.shape == (len(keys), dim) else {}
