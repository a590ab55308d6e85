"""Run programs in containers: one for each run, from an image that holds the frameworks."""
