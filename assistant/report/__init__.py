"""A report as people and other programs read it: terminal, page, SARIF, and what a fault is."""
