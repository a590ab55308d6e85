"""Changes a file into a link and back without end, in processes that outlive the program."""

import os

os.makedirs("out")
for number in range(4):
    name = f"out/{number}.txt"
    if os.fork() == 0:
        os.setsid()
        while True:
            open("plain", "w").write("plain")
            os.replace("plain", name)
            os.symlink("/etc/passwd", f"link{number}")
            os.replace(f"link{number}", name)
            os.mkdir(f"folder{number}")
            os.rmdir(f"folder{number}")
