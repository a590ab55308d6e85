"""What a prompt says of attached files: a data file's profile and first rows, never all of it; code as it stands."""

import json
from pathlib import PurePosixPath

from assistant.drafters.base import Brief
from assistant.prompts.context import Part
from assistant.prompts.quote import Quoter, cap_lines, fenced, file_name, quoted_name
from assistant.request.arrays import ArraysProfile
from assistant.request.attached_code import readable_text
from assistant.request.attachments import Attachment, data_file
from assistant.request.datasets import BUNDLED
from assistant.request.table import TableProfile

ROWS = 3
MOST_COLUMNS = 40
MOST_LINES = 400


def data_told(brief: Brief) -> str:
    """Where the data comes from, in gradproof's words."""
    info = brief.request.ml_task.dataset_info
    bundled = BUNDLED.get(info.dataset_name or "")
    if works_on_code(brief) and info.source is None:
        return (
            "That of the attached code. Where the code downloads it or reads files that are not attached, make data of "
            "the same shapes and kinds in the project, with a seed."
        )
    if info.dataset_path and _data_file(brief):
        return (
            f"It lies in the project at {quoted_name(info.dataset_path)}, relative to the folder that `train.py` is "
            "in. It is put there; do not write or change it. Its profile:"
        )
    if bundled:
        shape = "x".join(map(str, bundled.input_shape or []))
        outputs = f"{bundled.output_shape} classes" if bundled.type == "classification" else "one number as the target"
        return (
            f"`sklearn.datasets.load_{info.dataset_name}()`, which is installed with scikit-learn: "
            f"{bundled.num_samples:,} samples of {shape}, {outputs}."
        )
    return (
        "Make it in the project, with a seed. The targets must follow from the inputs by a rule that this model can "
        "learn within the time, so that the loss falls and held-out samples are predicted better than by chance."
    )


def works_on_code(brief: Brief) -> bool:
    """Whether attached code is to be changed, rather than something new be written."""
    return bool(brief.request.context.existing_codebase) and any(item.kind == "code" for item in brief.attachments)


def data_blocks(brief: Brief, quoter: Quoter) -> list[str]:
    """The profile of the file to learn from."""
    item = _data_file(brief)
    return [_profiled(item, quoter)] if item else []


def attached_parts(brief: Brief, quoter: Quoter) -> list[Part]:
    """Every other attached file, each a part that may be left out."""
    chosen = _data_file(brief)
    return [_part(item, brief, quoter) for item in brief.attachments if item is not chosen]


def _data_file(brief: Brief) -> Attachment | None:
    return data_file(brief.attachments, brief.request.ml_task.dataset_info.dataset_path)


def _part(item: Attachment, brief: Brief, quoter: Quoter) -> Part:
    name = f"the attached {file_name(item.name)}"
    if item.profile:
        return Part(name=name, group="attached", text=_profiled(item, quoter), kind="other attached data")
    text = readable_text(item)
    if text and item.name.endswith(".ipynb"):
        text = _notebook_code(text)
    block = cap_lines(text, most=MOST_LINES) if text is not None else f"{len(item.content):,} bytes that are not text"
    language = "python" if item.name.endswith((".py", ".ipynb")) else ""
    return Part(
        name=name,
        group="attached",
        text=quoter.data(f"attached file {quoted_name(item.name)}", fenced(block, language)),
        kind=_kind(item, brief),
    )


def _kind(item: Attachment, brief: Brief) -> str:
    if item.kind == "code" and works_on_code(brief):
        return "attached code to change"
    words = brief.request.ml_task.problem_description.lower()
    path = PurePosixPath(item.name.lower())
    only = sum(one.kind == "code" for one in brief.attachments) == 1 and item.kind == "code"
    meant = only or path.name in words or path.stem in words.split()
    return "attached file that is meant" if meant else "other attached file"


def _notebook_code(text: str) -> str:
    """The code of a notebook without its outputs and texts; what is no notebook stays as it is."""
    try:
        cells = json.loads(text)["cells"]
        return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    except (ValueError, KeyError, TypeError):
        return text


def _profiled(item: Attachment, quoter: Quoter) -> str:
    told = _table(item, item.profile) if isinstance(item.profile, TableProfile) else _arrays(item)
    return quoter.data(f"profile of {quoted_name(item.name)}", told)


def _table(item: Attachment, profile: TableProfile) -> str:
    lines = [f"{profile.rows:,} rows and {len(profile.columns)} columns, comma-separated UTF-8 with a header:"]
    for column in profile.columns[:MOST_COLUMNS]:
        missing = f", {column.missing} missing" if column.missing else ""
        kind = f"{column.kind} (whole numbers)" if column.kind == "numeric" and column.whole else column.kind
        lines.append(f"- {quoted_name(column.name)}: {kind}, {column.distinct} distinct{missing}")
    more = len(profile.columns) - MOST_COLUMNS
    lines += [f"- … {more} further columns"] if more > 0 else []
    head = item.content[:20_000].decode("utf-8", errors="replace").split("\n")[: ROWS + 1]
    return "\n".join([*lines, "Its first rows:", fenced(cap_lines("\n".join(head), most=ROWS + 1), "csv")])


def _arrays(item: Attachment) -> str:
    assert isinstance(item.profile, ArraysProfile)
    lines = ["A numpy .npz archive, to be read with numpy.load(path, allow_pickle=False):"]
    for key, array in item.profile.arrays.items():
        distinct = f", {array.distinct} distinct values" if array.distinct is not None else ""
        lines.append(f"- {quoted_name(key)}: shape {list(array.shape)}, {array.dtype}{distinct}")
    return "\n".join(lines)
