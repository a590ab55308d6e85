"""Copy out what a finished run left behind. Its processes are dead: nothing can change while this reads.

Regular files only, reached without following a link at any component, with one name, within caps. What is not copied
gets one sentence.
"""

import os
import re
import stat
import unicodedata
from collections.abc import Iterator

_MAX_DEPTH, _MAX_NAME, _MAX_REFUSALS = 8, 128, 50
_ODD = '\\:*?"<>|'
"""Characters that Windows keeps for itself: an artifact goes to whoever asked, whatever they run."""
_RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in range(1, 10))}
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


Stamp = tuple[int, int]


def stamp(status: os.stat_result) -> Stamp:
    """What a file cannot be changed without changing; the time of the last change cannot be set."""
    return status.st_ino, status.st_ctime_ns


class Collection:
    """Iterate it once for (path, content); then `refused`, and `found` and `bytes` of what was wanted, are complete.

    What was `given` to the program and is as it was is none of its artifacts.
    """

    def __init__(
        self, root: int, patterns: list[str], *, given: dict[str, Stamp], max_bytes: int, max_files: int
    ) -> None:
        self._given = given
        self.refused: list[str] = []
        self.found = self.bytes = 0
        self._root = root
        self._patterns = [re.compile(glob_to_regex(pattern), re.DOTALL) for pattern in patterns]
        self._bytes_left, self._files_left = max_bytes, max_files
        self._names: set[str] = set()

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        if self._patterns:
            yield from self._walk(self._root, "", 1)

    def _walk(self, directory: int, prefix: str, depth: int) -> Iterator[tuple[str, bytes]]:
        os.fchmod(directory, 0o700)  # the program may have closed it to its own user
        for name in sorted(os.listdir(directory)):
            path = f"{prefix}{name}"
            mode = os.lstat(name, dir_fd=directory).st_mode
            if stat.S_ISDIR(mode):
                yield from self._enter(directory, name, path, depth)
            elif self._wanted(path) and (content := self._read(directory, name, path)) is not None:
                yield path, content

    def _wanted(self, path: str) -> bool:
        return any(pattern.fullmatch(path) for pattern in self._patterns)

    def _enter(self, directory: int, name: str, path: str, depth: int) -> Iterator[tuple[str, bytes]]:
        if depth >= _MAX_DEPTH:
            return self._refuse(path, f"it lies more than {_MAX_DEPTH} folders deep")
        try:
            os.chmod(name, 0o700, dir_fd=directory)
            inner = os.open(name, _OPEN | os.O_DIRECTORY, dir_fd=directory)
        except OSError as error:
            return self._refuse(path, error.strerror)
        try:
            yield from self._walk(inner, f"{path}/", depth + 1)
        finally:
            os.close(inner)

    def _read(self, directory: int, name: str, path: str) -> bytes | None:
        found = os.lstat(name, dir_fd=directory)
        if self._given.get(path) == stamp(found):
            return None
        if stat.S_ISREG(found.st_mode):
            self.found += 1
            self.bytes += found.st_size
        if (why := self._reason_to_refuse(found, name, path)) is not None:
            return self._refuse(path, why)
        try:
            with open(os.open(name, _OPEN, dir_fd=directory), "rb") as file:  # noqa: PTH123
                content = file.read(found.st_size)
        except OSError as error:
            return self._refuse(path, error.strerror)
        self._names.add(_folded(path))
        self._files_left -= 1
        self._bytes_left -= len(content)
        return content

    def _reason_to_refuse(self, found: os.stat_result, name: str, path: str) -> str | None:
        if not stat.S_ISREG(found.st_mode):
            return "it is not a regular file"
        if found.st_nlink != 1:
            return "it has more than one name"
        if len(name) > _MAX_NAME or not path.isprintable() or any(odd in path for odd in _ODD):
            return "its name is too long or not printable"
        if name.startswith(("-", "~")) or name.rstrip(" .") != name or name.partition(".")[0].upper() in _RESERVED:
            return "its name means something else to a shell or to another system"
        if _folded(path) in self._names:
            return "its name differs from another's in case alone"
        if not self._files_left:
            return "the limit on the number of artifacts is reached"
        if found.st_size > self._bytes_left:
            return f"its {found.st_size} bytes go over the limit on artifacts"
        return None

    def _refuse(self, path: str, why: str | None) -> None:
        if len(self.refused) < _MAX_REFUSALS:
            self.refused.append(f"{path[:200]!a} was not copied out: {why}.")


def _folded(path: str) -> str:
    """What is the same for two names that some systems take for one."""
    return unicodedata.normalize("NFC", path).casefold()


def glob_to_regex(pattern: str) -> str:
    """`*` and `?` stay within one folder, `**` as a component is any number of folders, `[...]` is a set."""
    parts = [".*" if part == "**" else _component(part) for part in pattern.split("/")]
    return "/".join(parts).replace(".*/", "(?:.*/)?")


def _component(part: str) -> str:
    out, position = "", 0
    while position < len(part):
        char = part[position]
        closing = part.find("]", position + 2) if char == "[" else -1
        if char in "*?":
            out += "[^/]*" if char == "*" else "[^/]"
        elif closing > 0:
            chosen = part[position + 1 : closing].replace("\\", "\\\\")
            out += f"[{'^' + chosen[1:] if chosen.startswith('!') else chosen}]"
            position = closing
        else:
            out += re.escape(char)
        position += 1
    return out
