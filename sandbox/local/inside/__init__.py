"""What runs inside the jail. Standard library only: the interpreter may be another than the one that runs gradproof."""
