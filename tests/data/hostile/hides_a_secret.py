"""Keeps a secret in every place of its own for a while. Arguments: the secret, seconds."""

import os
import sys
import time

from attempts import OWN

secret = sys.argv[1]
for folder in OWN:
    with open(os.path.join(folder, "secret"), "w") as file:
        file.write(secret)
    os.chmod(os.path.join(folder, "secret"), 0o644)
held = open("secret")
print("hidden", flush=True)
time.sleep(float(sys.argv[2]))
print("still hidden" if held.read() == secret == open("secret").read() else "changed")
