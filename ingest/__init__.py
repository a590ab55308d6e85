"""Filling the index: read, split, vet in the sandbox, upsert."""
