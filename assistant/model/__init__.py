"""Asking a language model: any endpoint that speaks OpenAI's chat protocol."""
