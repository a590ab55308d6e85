"""What is known: vetted patterns, and the index over them."""
