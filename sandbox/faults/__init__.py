"""What gradproof knows of each fault: its number, why it matters, and an example that was executed."""
