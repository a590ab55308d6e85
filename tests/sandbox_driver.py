"""A small host of its own: opens a sandbox and runs the jobs that come over a socket, each in a thread.

Started by sandbox_backends.py as another user, or to be killed in the middle of a run. Its socket is descriptor 0.
"""

import json
import os
import sys
import threading
from multiprocessing.connection import Connection
from pathlib import Path


def serve(connection: Connection, options: dict[str, str]) -> None:
    """Answer ("ready", its pid) or ("failed", sentence), then each (number, job) with (number, result or sentence)."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from sandbox.errors import SandboxError
    from sandbox.open import open_sandbox
    from sandbox.schema import Job

    lock = threading.Lock()

    def answer(number: object, value: object) -> None:
        with lock:
            connection.send((number, value))

    def run(number: int, job: Job) -> None:
        try:
            answer(number, opened.run(job, on_output=lambda text: answer(("said", number), text)))
        except SandboxError as error:
            answer(number, str(error))

    try:
        opened = open_sandbox(**options)
    except SandboxError as error:
        return answer("failed", str(error))
    with opened:
        answer("ready", os.getpid())
        threads = []
        while (message := _receive(connection)) is not None:
            threads.append(threading.Thread(target=run, args=message))
            threads[-1].start()
        for thread in threads:
            thread.join()


def _receive(connection: Connection) -> tuple | None:
    try:
        return connection.recv()
    except EOFError:
        return None


if __name__ == "__main__":
    serve(Connection(0), json.loads(sys.argv[1]))
