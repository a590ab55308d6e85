"""A supervisor for a container that holds one run: the host is at the other end of standard input and output."""

import os

from . import linux, supervisor, zygote


def serve(runtime: str) -> None:
    """Take one request, run it, and end. Nothing is imported beforehand: container and program are both new."""
    reader, writer = (os.dup(stream) for stream in (0, 1))
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nothing, stream)
    linux.prctl(linux.PR_SET_DUMPABLE, 0)
    zygote.prepare(runtime)
    supervisor.supervise(reader, writer, "docker")
