"""Where the parameters of a PyTorch program live while they are trained. Runs inside the jail."""

from collections import Counter
from typing import Any

LOOKED_AT = 3


class Devices:
    """Looks at the first few steps: a program may bring its model back to the CPU once it is trained."""

    name = "devices"

    def __init__(self, watch: Any) -> None:
        self.stepped = 0
        self.seen: Counter[str] = Counter()
        watch.record.on("stepped", self._stepped)

    def _stepped(self, optimizer: Any) -> None:
        self.stepped += 1
        if self.stepped <= LOOKED_AT:
            held = (one for group in optimizer.param_groups for one in group["params"])
            self.seen.update(str(one.device) for one in held)

    def facts(self, root: Any) -> dict[str, Any]:
        if not self.seen and root is not None:
            self.seen.update(str(one.device) for one in root.module.parameters())
        return {"parameters": dict(self.seen)}
