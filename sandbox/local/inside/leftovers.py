"""Removing what a program has left: a tree of any depth, with any modes."""

import os


def empty(folder: str) -> None:
    """Remove everything below a folder, however deep and whatever its modes. Raises OSError where that fails."""
    root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fchmod(root, 0o700)
        while names := os.listdir(root):  # noqa: PTH208
            for name in names:
                _take_apart(root, name)
    finally:
        os.close(root)


def _take_apart(root: int, name: str) -> None:
    """Remove a file, or a folder whose own folders move up beside it first: a tree may be deeper than any stack."""
    try:
        return os.unlink(name, dir_fd=root)
    except IsADirectoryError:
        os.chmod(name, 0o700, dir_fd=root)
    inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=root)
    try:
        for below in os.listdir(inner):  # noqa: PTH208
            try:
                os.unlink(below, dir_fd=inner)
            except IsADirectoryError:
                os.chmod(below, 0o700, dir_fd=inner)
                os.rename(below, os.urandom(16).hex(), src_dir_fd=inner, dst_dir_fd=root)
    finally:
        os.close(inner)
    os.rmdir(name, dir_fd=root)
    return None
