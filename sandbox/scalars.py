"""Scalars read back from the TensorBoard event files that a run left behind; the files are data, nothing more."""

import contextlib
import struct
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from sandbox.schema import Artifact

EVENT_FILES = "**/*tfevents*"
MAX_POINTS = 1000

Scalars = dict[str, list[tuple[int, float]]]


def event_files(artifacts: Iterable[Artifact]) -> list[Artifact]:
    return [one for one in artifacts if "tfevents" in PurePosixPath(one.path).name]


def read_scalars(artifacts: Iterable[Artifact]) -> Scalars:
    """Tag -> (step, value), in the order written. Where there are several folders, the folder's name comes first."""
    files = event_files(artifacts)
    folders = {PurePosixPath(one.path).parent for one in files}
    found: Scalars = {}
    for one in files:
        parent = PurePosixPath(one.path).parent
        prefix = f"{parent.name}/" if len(folders) > 1 else ""
        for tag, step, value in _points(one.content):
            found.setdefault(prefix + tag, []).append((step, value))
    return {tag: points[:: -(-len(points) // MAX_POINTS)] for tag, points in found.items()}


def _points(content: bytes) -> Iterator[tuple[str, int, float]]:
    from google.protobuf.message import DecodeError
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.util.tensor_util import make_ndarray

    for record in _records(content):
        try:
            event = Event.FromString(record)
        except DecodeError:
            return
        for value in event.summary.value:
            if value.HasField("simple_value"):
                yield value.tag, event.step, value.simple_value
            elif value.HasField("tensor") and not value.tensor.tensor_shape.dim and value.tensor.dtype in (1, 2, 3, 9):
                with contextlib.suppress(ValueError, TypeError):  # the program may have written anything
                    yield value.tag, event.step, float(make_ndarray(value.tensor).item())


def _records(content: bytes) -> Iterator[bytes]:
    """Records up to the first one that is cut off: length (8 bytes), its checksum (4), data, its checksum (4).

    The lengths come from a program that may lie, so none is believed beyond the end of the file. Format: TensorFlow's
    TFRecord. The checksums guard against accidents on a disk, which these bytes have never seen.
    """
    start = 0
    while start + 12 <= len(content):
        (length,) = struct.unpack_from("<Q", content, start)
        end = start + 12 + length
        if end + 4 > len(content):
            return
        yield content[start + 12 : end]
        start = end + 4
