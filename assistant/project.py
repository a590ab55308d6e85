"""Projects on disk: a new folder, whole or not at all."""

import json
import os
import shutil
from pathlib import Path
from tempfile import mkdtemp

from assistant.errors import RequestError
from assistant.schema import Files, PythonMLDLResponse

RECORD = "gradproof.json"


def check_output_folder(folder: Path, *, force: bool, option: str = "--out") -> None:
    """RequestError where `folder` cannot become a project, so that it is said before the work is done."""
    if folder.exists() and not folder.is_dir():
        raise RequestError(f"{str(folder)!r} is a file; give {option} a new folder")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        forced = ", or add --force to replace its files" if option == "--out" else ""
        raise RequestError(f"{str(folder)!r} is not empty; give {option} a new folder{forced}")
    parent = next(path for path in [folder, *folder.resolve().parents] if path.exists())
    if not os.access(parent, os.W_OK):
        raise RequestError(f"{str(parent)!r} cannot be written to; give {option} a folder that can")


def write_project(folder: Path, files: Files, response: PythonMLDLResponse, *, force: bool) -> None:
    """Write the files and the response beside them. See write_files."""
    write_files(folder, {**files, RECORD: json.dumps(response.to_json(), indent=1) + "\n"}, force=force)


def write_files(folder: Path, files: Files, *, force: bool) -> None:
    """A new folder appears whole: it is written under another name and moved.

    With `force`, files of the same name are replaced and others are left alone.
    """
    check_output_folder(folder, force=force)
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, content in files.items():
            path = staging / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        staging.chmod(0o755)
        if folder.is_dir():
            shutil.copytree(staging, folder, dirs_exist_ok=True)
        else:
            staging.rename(folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
