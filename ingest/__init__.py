"""Filling the index: read sources, vet what they hold in the sandbox, keep the records."""
