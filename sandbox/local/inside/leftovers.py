"""Removing what a program has left: a tree of any depth, with any modes."""

import os


def empty(folder: str) -> None:
    """Remove everything below a folder. Raises OSError where that fails."""
    os.chmod(folder, 0o700)  # noqa: PTH101
    root = _open(folder)
    try:
        _remove(root, os.listdir(root))  # noqa: PTH208
    finally:
        os.close(root)


def remove(folder: str, name: str) -> None:
    """Remove one file or tree from a folder. Raises OSError where that fails."""
    root = _open(folder)
    try:
        _remove(root, [name])
    finally:
        os.close(root)


def _remove(root: int, names: list[str]) -> None:
    while names:
        names += _take_apart(root, names.pop())


def _take_apart(root: int, name: str) -> list[str]:
    """Remove a file, or a folder whose own folders move up beside it first, where they have the names returned:
    a tree may be deeper than any stack."""
    try:
        os.unlink(name, dir_fd=root)
        return []
    except IsADirectoryError:
        os.chmod(name, 0o700, dir_fd=root)
    moved = []
    inner = _open(name, root)
    try:
        for below in os.listdir(inner):  # noqa: PTH208
            try:
                os.unlink(below, dir_fd=inner)
            except IsADirectoryError:
                moved.append(os.urandom(16).hex())
                os.chmod(below, 0o700, dir_fd=inner)
                os.rename(below, moved[-1], src_dir_fd=inner, dst_dir_fd=root)
    finally:
        os.close(inner)
    os.rmdir(name, dir_fd=root)
    return moved


def _open(folder: str, root: int | None = None) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=root)
