"""The profile of an attached .npz archive, read from the arrays' headers. Pickled objects are refused, never loaded."""

import io
import zipfile
import zlib
from typing import IO

from pydantic import BaseModel

from assistant.errors import RequestError

MAX_LABEL_BYTES = 32 * 2**20
USUAL_LABELS = ("y", "Y", "y_train", "labels", "label", "target", "targets", "masks", "mask")
MAX_ARRAY_BYTES = 2**30


class ArrayProfile(BaseModel):
    """One array of the archive."""

    shape: tuple[int, ...]
    dtype: str
    distinct: int | None = None
    """Number of different values, for labels: whole numbers, truth values or strings, or masks of whole numbers."""
    rarest: int | None = None
    """How often the rarest of them occurs."""


class ArraysProfile(BaseModel):
    """The arrays of an archive, by key."""

    arrays: dict[str, ArrayProfile]


def profile_arrays(content: bytes, *, name: str) -> ArraysProfile:
    """Shape and dtype of every array; RequestError where the archive is broken, empty or holds Python objects."""
    broken = f"{name!r} is not a readable .npz archive; write it with numpy.savez({name!r}, x=..., y=...)."
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.namelist() if member.endswith(".npy")]
            arrays = {member.removesuffix(".npy"): _profile(archive, member, name) for member in members}
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        KeyError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise RequestError(broken) from error
    if not arrays:
        raise RequestError(f"{name!r} holds no arrays; write it with numpy.savez({name!r}, x=..., y=...).")
    return ArraysProfile(arrays=arrays)


def _profile(archive: zipfile.ZipFile, member: str, name: str) -> ArrayProfile:
    import numpy as np

    key = member.removesuffix(".npy")
    with archive.open(member) as stream:
        shape, dtype = _header(stream)
    if dtype.hasobject:
        raise RequestError(
            f"The array {key!r} of {name!r} holds Python objects; save it as numbers or strings of one shape."
        )
    size = int(np.prod(shape, dtype=object)) * dtype.itemsize
    if size > MAX_ARRAY_BYTES:
        raise RequestError(f"The array {key!r} of {name!r} takes {size >> 20} MiB; attach a part of it.")
    distinct = rarest = None
    if _could_be_labels(key, shape, dtype.kind) and size <= MAX_LABEL_BYTES:
        with archive.open(member) as stream:
            values = np.lib.format.read_array(stream, allow_pickle=False)
        _, counts = np.unique(values, return_counts=True)
        distinct, rarest = len(counts), int(counts.min()) if len(counts) else None
    return ArrayProfile(shape=shape, dtype=str(dtype), distinct=distinct, rarest=rarest)


def _header(stream: IO[bytes]):
    import numpy as np

    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(stream)
    return shape, dtype


def _could_be_labels(key: str, shape: tuple[int, ...], kind: str) -> bool:
    """One label per sample, or masks under a name that labels usually have; pictures are not counted."""
    flat = len(shape) == 1 or (len(shape) == 2 and shape[1] == 1)
    return (flat and kind in "iubUS") or (key in USUAL_LABELS and kind in "iub")
