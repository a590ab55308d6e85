"""What a back end does not promise: the cases of the catalogue that it does not hold, each with the reason."""

NO_NAMESPACE = "there is no namespace around a program without a jail"
SHARED_MEMORY = "files in the machine's /dev/shm are read where their modes allow it: shared memory needs that folder"
NOT_HELD: dict[str, dict[str, str]] = {
    "C": {
        "A2": SHARED_MEMORY,
        "A4": f"command lines of the machine's processes are seen, though not their environments: {NO_NAMESPACE}",
        "A5": SHARED_MEMORY,
        "A10": SHARED_MEMORY,
        "A7": f"the names of the machine and of its network are seen: {NO_NAMESPACE}",
        "C8": "a socket with a path is reached where its modes allow it: Landlock has no right that refuses this",
        "C12": f"the interfaces of the machine are seen, though none can be used: {NO_NAMESPACE}",
        "E6": "its folders lie in a file system that others use too, and are measured instead",
        "F14": "names in a folder that others may list can be watched: Landlock has no right that refuses this",
        "I3 namespaces": NO_NAMESPACE,
    },
    "docker": {
        "I3 namespaces": "a container has the user namespace of the machine, unless the engine is told to map users",
    },
}
"""Back end -> case -> why a program is not kept from it there. A, A-user and B hold every case."""
