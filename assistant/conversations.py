"""Where conversations are kept: SQLite under GRADPROOF_HOME, written before an answer is shown."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver

from assistant.errors import ConfigurationError

BUSY_TIMEOUT_S = 30.0


class Conversations(SqliteSaver):
    """SqliteSaver that serves `ainvoke` and `astream` too: each call runs in a thread, under SqliteSaver's lock."""

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        return await asyncio.to_thread(self.get_tuple, config)

    async def alist(self, config: RunnableConfig | None, **options: Any) -> AsyncIterator[CheckpointTuple]:
        for found in await asyncio.to_thread(lambda: list(self.list(config, **options))):
            yield found

    async def aput(self, *arguments: Any) -> RunnableConfig:
        return await asyncio.to_thread(self.put, *arguments)

    async def aput_writes(self, *arguments: Any) -> None:
        await asyncio.to_thread(self.put_writes, *arguments)

    async def adelete_thread(self, thread_id: str) -> None:
        await asyncio.to_thread(self.delete_thread, thread_id)


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
        saver = Conversations(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=stored_types))
        saver.setup()
        yield saver
    finally:
        connection.close()
