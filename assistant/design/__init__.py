"""Architecture and parameter choice, with the reasoning and the numbers."""
