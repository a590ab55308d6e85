"""The local back end: a jail with a warm interpreter in it, forked once per run."""
