"""What the host checks before a job goes anywhere, and the form in which it goes to the supervisor."""

import os
import re
from pathlib import PurePosixPath
from typing import Any

from sandbox.local.gpu.devices import Gpu, visible_gpu
from sandbox.local.inside.collect import glob_to_regex
from sandbox.local.place import Place
from sandbox.schema import Job, Limits

_MAX_COMPONENT, _MAX_PATH = 255, 2000
_PAGE, _SPARE_INODES = 4096, 16
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def reason_to_refuse(job: Job) -> str | None:
    """One sentence where the job cannot be run as it is."""
    for path in job.files:
        if (why := _bad_path(path)) is not None:
            return f"The file name {path[:200]!r} cannot be used: {why}."
    for path in job.files:
        if any(str(parent) in job.files for parent in PurePosixPath(path).parents):
            return f"The file {path!r} lies inside another file."
    if sum(_PAGE + len(content) for content in contents(job).values()) > job.limits.disk_mb << 20:
        return f"The files are larger than the limit of {job.limits.disk_mb} MB."
    folders = {parent for path in job.files for parent in PurePosixPath(path).parents}
    if len(job.files) + len(folders) + _SPARE_INODES > job.limits.inodes:
        return f"There are {len(job.files)} files in {len(folders)} folders; the limit is {job.limits.inodes} together."
    if any("\0" in text or _encoded(text) is None for text in (*job.argv, *job.env, *job.env.values(), *job.collect)):
        return "An argument or a variable holds a character that no program can be given."
    if job.argv[0] == "-m" and len(job.argv) < 2:
        return "'-m' needs the name of a module."
    if job.argv[0] != "-m" and (why := _bad_path(job.argv[0])) is not None:
        return f"The script {job.argv[0]!r} cannot be run: {why}."
    if bad := [name for name in job.env if not _VARIABLE.fullmatch(name)]:
        return f"{bad[0]!r} is not the name of an environment variable."
    return _bad_glob(job.collect)


def _bad_path(path: str) -> str | None:
    parts = path.split("/")
    if path.startswith("/"):
        return "it is not relative"
    if ".." in parts:
        return "it leads out of the working folder"
    if "" in parts or "." in parts:
        return "it has an empty part"
    if "\0" in path or _encoded(path) is None:
        return "it holds a character that no file name can"
    if len(path) > _MAX_PATH or any(len(_encoded(part) or b"") > _MAX_COMPONENT for part in parts):
        return "it is too long"
    return None


def _encoded(text: str) -> bytes | None:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return None


def _bad_glob(patterns: list[str]) -> str | None:
    for pattern in patterns:
        try:
            re.compile(glob_to_regex(pattern))
        except re.error:
            return f"{pattern!r} is not a pattern for file names."
    return None


def contents(job: Job) -> dict[str, bytes]:
    return {
        path: content.encode(errors="surrogatepass") if isinstance(content, str) else content
        for path, content in job.files.items()
    }


def cpu_seconds(limits: Limits) -> float:
    """The limit on CPU time, where none is given as well."""
    return limits.wall_s * (os.cpu_count() or 1) if limits.cpu_s is None else limits.cpu_s


def to_wire(job: Job, place: Place, environment: dict[str, str], gpu: Gpu | None) -> dict[str, Any]:
    limits = job.limits.model_dump()
    limits["gpu"] = gpu is not None
    limits["cpu_s"] = cpu_seconds(job.limits)
    return {
        "tier": place.tier,
        "base": place.base,
        "readable": place.readable,
        "devices": place.devices(gpu),
        "uid": place.uid,
        "argv": job.argv,
        "env": {**environment, **visible_gpu(gpu), **job.env},
        "files": list(job.files),
        "observe": job.observe,
        "collect": job.collect,
        "limits": limits,
    }
