"""Keeps a secret in every place of its own for a while. Arguments: the secret, seconds."""

import os
import sys
import time

secret = sys.argv[1]
for folder in ("/tmp", "/dev/shm", os.environ["HOME"], os.getcwd()):
    with open(os.path.join(folder, "secret"), "w") as file:
        file.write(secret)
    os.chmod(os.path.join(folder, "secret"), 0o644)
held = open("/tmp/secret")
print("hidden", flush=True)
time.sleep(float(sys.argv[2]))
print("still hidden" if held.read() == secret == open("/tmp/work/secret").read() else "changed")
