"""Watches a training program from inside its process: standard library, numpy and the framework only."""
