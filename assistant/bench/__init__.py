"""What a model is worth here: the same questions, with and without retrieval and repairs, judged by the gate alone."""
