"""Prints what of an earlier run is still there: files in its own folders, and in those of the interpreter."""

import os
import site
import sysconfig

from attempts import OWN, walk

for top in (*OWN, site.getusersitepackages()):
    for folder, _, names in walk(top):
        print(*(os.path.join(folder, name) for name in names if name not in ("attempts.py", "finds_what_was_written.py")), sep="\n", end="")
for folder in (sysconfig.get_paths()["purelib"], os.path.dirname(os.__file__), "/gradproof/checks"):
    if not os.path.isdir(folder):
        continue
    print(*(os.path.join(folder, name) for name in os.listdir(folder) if "canary" in name or "customize" in name), sep="\n", end="")
print("looked")
