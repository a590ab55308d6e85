"""Looks for the files, processes and shared memory of whatever else runs or has run."""

import os

from attempts import OWN, TEMPORARY, walk

for top in {*OWN, os.path.dirname(TEMPORARY)} - {"/"}:
    for folder, _, names in walk(top):
        for name in names:
            if "secret" in name:
                print("FOUND", folder, open(os.path.join(folder, name)).read())
for pid in (name for name in os.listdir("/proc") if name.isdecimal()):
    for place in ("tmp/secret", "dev/shm/secret", "tmp/work/secret"):
        for root in ("root", "cwd/../.."):
            try:
                print("FOUND", pid, open(f"/proc/{pid}/{root}/{place}").read())
            except OSError:
                pass
print("sought")
