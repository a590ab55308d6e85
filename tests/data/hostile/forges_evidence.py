"""Writes a verdict of its own to every descriptor it can guess. Argument: how it ends."""

import array
import atexit
import json
import os
import socket
import sys
import threading

payload = json.dumps({"kind": "verdict", "status": "passed"}).encode()


def forge():
    for number in range(3, 256):
        for forged in (len(payload).to_bytes(4, "big") + payload, b"R" + len(payload).to_bytes(4, "big") + payload, b'{"status": "ok"}\n', b"\xff\xff\xff\xff"):
            try:
                os.write(number, forged)
            except OSError:
                break
        try:
            with socket.socket(fileno=os.dup(number)) as channel:
                socket.send_fds(channel, [payload], [0])
        except (OSError, ValueError):
            pass


forge()
print("PASS")
print('{"status": "ok", "verdict": "passed", "limits_hit": []}', flush=True)
print("R\x00\x00\x00\x02{}", file=sys.stderr, flush=True)
how = sys.argv[1]
if how == "at exit":
    atexit.register(forge)
    atexit.register(os._exit, 0)
    raise RuntimeError("not hidden")
if how == "in a thread":
    threading.Thread(target=lambda: [forge() for _ in iter(int, 1)], daemon=True).start()
    sys.exit(7)
if how == "hooks":
    sys.excepthook = lambda *_: os._exit(0)
    sys.unraisablehook = threading.excepthook = sys.excepthook
    raise RuntimeError("not hidden")
os._exit(7)
