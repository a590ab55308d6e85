"""Scalars that a program means to log while no writer is the default one. Runs inside the jail."""

from typing import Any

import tensorflow as tf

from observe.keras.listen import listen
from observe.record import Record, user_frame


class Summaries:
    """Calls of tf.summary.scalar outside of traced functions, and those that wrote nothing."""

    name = "summaries"

    def __init__(self, watch: Any) -> None:
        self.record: Record = watch.record
        self.calls = self.lost = 0
        self.where: Any = None
        listen(self.record, tf.summary, "scalar", after=self._logged)

    def _logged(self, result: Any, *args: Any, **kwargs: Any) -> None:
        if not tf.executing_eagerly() or user_frame() is None:
            return
        self.calls += 1
        if not bool(result):
            self.lost += 1
            self.where = self.where or user_frame()

    def facts(self, root: Any) -> dict[str, Any]:
        return {"calls": self.calls, "lost": self.lost, "where": self.where}
