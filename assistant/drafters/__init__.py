"""Drafters: from a design and its patterns to the files of a project."""
