"""From evidence to findings: plain functions, one file for each kind of fault."""
