"""The documents of a source: of a file, a folder, a git repository or an address to clone."""

from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from ingest.decode import writable
from ingest.errors import Unreadable
from ingest.git import Repository, cloned, git_folder, is_address, without_secrets
from ingest.licenses import license_of_folder
from ingest.listing import File, Listing, in_commit, on_disk
from ingest.readers import Format, format_of
from ingest.schema import Rejected

LARGEST: dict[Format, int] = {
    "html": 2_000_000,
    "markdown": 2_000_000,
    "notebook": 20_000_000,
    "python": 200_000,
    "rst": 2_000_000,
}
"""Bytes; a notebook carries its pictures."""
MOST_DOCUMENTS = 20_000
"""Of one source."""
READABLE = "Python, notebooks, Markdown, reStructuredText or HTML"

Name = Annotated[str, BeforeValidator(writable)]
"""File systems have names that no text can hold."""


class Document(BaseModel):
    """One file that a reader is for."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    name: Name
    """What the report calls it."""
    format: Format
    path: Name
    """Within its source."""
    folder: Name
    """Name of its source, for ids."""
    place: Name
    """Stays the same when the document changes."""
    cited: Name
    """Where others find it: address, commit and path of a repository, else its path."""
    license: str | None
    """What its folder, or the nearest one around it, says."""
    data: bytes
    beside: bytes | None = None
    """The wrong example beside a program."""
    file: Path | None = None
    """Where it lies on this machine, if it does."""


class Found(BaseModel):
    """What a source holds."""

    documents: list[Document] = []
    refused: list[Rejected] = []
    skipped: dict[str, int] = {}
    """Ending -> files that no reader is for."""


def find_documents(source: str) -> Found:
    """Everything in a source that can be read, and what cannot with the reason."""
    try:
        found = _found(source)
        if not found.documents and not found.refused:
            raise Unreadable(f"it holds nothing that can be read; give {READABLE}")
        return found
    except Unreadable as fault:
        reason = str(fault)
    except OSError as error:
        reason = error.strerror or str(error)
    except RecursionError:  # of os.walk, before Python 3.12
        reason = "its folders are nested too deep to be read; name those in it one by one"
    return Found(refused=[Rejected(source=writable(without_secrets(source)), reason=reason)])


def _found(source: str) -> Found:
    path = Path(source)
    if is_address(source):
        with cloned(source) as folder, Repository(folder) as repository:
            address = without_secrets(source.removeprefix("git+"))
            return _documents(in_commit(repository, name=address, address=address))
    if path.is_dir() and (git := git_folder(path)):
        with Repository(git) as repository:
            address = repository.remote or str(git.resolve())
            return _documents(in_commit(repository, name=source, address=address))
    if path.is_file() and not format_of(path.name):
        raise Unreadable(f"{path.suffix or 'such'} files cannot be read; give {READABLE}")
    if path.is_file() or path.is_dir():
        return _documents(on_disk(path))
    raise Unreadable(
        f"it is neither a file nor a folder; give {READABLE}" if path.exists() else "there is no such file or folder"
    )


def _documents(listing: Listing) -> Found:
    """Each file that a reader is for is a document, or refused with the reason."""
    formats = {file.path: format for file in listing.files if (format := format_of(file.path))}
    if len(formats) > MOST_DOCUMENTS:
        raise Unreadable(f"it holds more than {MOST_DOCUMENTS} documents; name the folders in it one by one")
    license_for = _nearest_license(listing)
    documents: list[Document] = []
    refused: list[Rejected] = []
    for file in listing.files:
        if file.path.endswith(".wrong.py") and file.path.removesuffix(".wrong.py") + ".py" in formats:
            continue
        if format := formats.get(file.path):
            try:
                documents.append(_document(file, format, listing, license=license_for(file.within)))
            except Unreadable as fault:
                refused.append(Rejected(source=writable(file.name), reason=str(fault)))
    skipped = Counter(_ending(file.path) for file in listing.files if file.path not in formats)
    return Found(documents=documents, refused=refused, skipped=dict(skipped))


def _document(file: File, format: Format, listing: Listing, *, license: str | None) -> Document:
    """Raises Unreadable."""
    if file.path.endswith(".wrong.py"):
        raise Unreadable("it is a wrong example, which is read with its program; name that, and let it lie beside it")
    if file.size is None:
        raise Unreadable("its content is not in this clone, which is a partial one")
    if file.size > LARGEST[format]:
        most = LARGEST[format] // 1000
        raise Unreadable(f"it is larger than {most} kB; split it into documents that teach one thing each")
    data = file.read()
    return Document(
        name=file.name,
        format=format,
        path=file.path,
        folder=listing.name,
        place=file.place,
        cited=file.cite(data),
        license=license,
        data=data,
        beside=listing.beside(f"{file.within.removesuffix('.py')}.wrong.py") if format == "python" else None,
        file=file.file,
    )


def _ending(path: str) -> str:
    return writable(PurePosixPath(path).suffix or PurePosixPath(path).name)


def _nearest_license(listing: Listing) -> Callable[[str], str | None]:
    """For a file's path, what its folder says, or the nearest folder around it."""

    @cache
    def said_in(folder: PurePosixPath) -> str | None:
        return license_of_folder(lambda name: listing.text((folder / name).as_posix()))

    return lambda path: next(filter(None, map(said_in, PurePosixPath(path).parents)), None)
