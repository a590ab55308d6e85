"""Running what came from somewhere else, and watching it train."""
