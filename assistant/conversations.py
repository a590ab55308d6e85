"""Where conversations are kept: SQLite under GRADPROOF_HOME, written before an answer is shown."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver

from assistant.errors import ConfigurationError

BUSY_TIMEOUT_S = 30.0


@contextmanager
def open_conversations(home: Path, *, stored_types: list[type]) -> Iterator[SqliteSaver]:
    """The checkpointer. A thread brings back objects of `stored_types`, and of no other type of ours.

    Several processes may use one file: it is in WAL mode, and a writer waits for another.
    """
    path = home / "conversations.sqlite"
    try:
        home.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, check_same_thread=False, timeout=BUSY_TIMEOUT_S)
        connection.execute("PRAGMA journal_mode=WAL")
    except (OSError, sqlite3.Error) as error:
        raise ConfigurationError(
            f"{str(path)!r} cannot be used ({error}); set GRADPROOF_HOME to another folder"
        ) from error
    try:
        saver = SqliteSaver(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=stored_types))
        saver.setup()
        yield saver
    finally:
        connection.close()
