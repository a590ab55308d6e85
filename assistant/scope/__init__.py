"""Whether a draft is still what was asked for, and honest: its run and its files, held against the request."""
