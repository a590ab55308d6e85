"""Scalars read back from the TensorBoard event files that a run left behind. The files are data: nothing is executed.

TensorBoard's own record reader is used, the one that needs no TensorFlow in this process.
"""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

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
                yield value.tag, event.step, float(make_ndarray(value.tensor).item())


def _records(content: bytes) -> Iterator[bytes]:
    """Records up to the first one that is damaged or cut off."""
    from tensorboard.compat.tensorflow_stub import errors
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events"
        path.write_bytes(content)
        reader = PyRecordReader_New(str(path))
        while True:
            try:
                reader.GetNext()
            except (errors.OutOfRangeError, errors.DataLossError):
                break
            yield reader.record()
        reader.file_handle.close()
