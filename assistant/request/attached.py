"""Which attached file the data is, and what it says of the request."""

from collections.abc import Sequence
from typing import Any

from assistant.request.arrays import ArraysProfile
from assistant.request.attached_arrays import read_arrays
from assistant.request.attached_table import read_table
from assistant.request.attachments import Attachment, data_file
from assistant.request.data import INFO
from assistant.request.reading import Reading
from assistant.request.table import TableProfile


def read_data_file(
    question: str, values: dict[str, Any], attachments: Sequence[Attachment], *, composes: bool = True
) -> Reading:
    """Facts of the attached data file. `values` are the request's fields so far, by dotted name.

    Where no pattern has to be able to load it, targets of any shape and kind will do.
    """
    files = [item for item in attachments if item.kind in ("csv", "npz")]
    wanted = data_file(files, values.get(f"{INFO}.dataset_path"))
    if not files:
        return Reading()
    if len(files) > 1 and not wanted:
        named = [item for item in files if item.name.lower() in question.lower()]
        if len(named) != 1:
            names = " and ".join(repr(item.name) for item in files[:5])
            return Reading(questions=[f"The data files {names} are attached: which one should the model learn from?"])
        files = named
    item = wanted or files[0]
    reading = Reading(
        implied={
            f"{INFO}.source": item.kind,
            f"{INFO}.dataset_path": item.path,
            f"{INFO}.dataset_name": item.name,
        }
    )
    if isinstance(item.profile, TableProfile):
        return reading | read_table(item.name, item.profile, question, values, composes=composes)
    assert isinstance(item.profile, ArraysProfile)
    return reading | read_arrays(item.name, item.profile, values, composes=composes)
