"""Understanding: a question, or a request in JSON, becomes a typed request. Rules only; no model, no network."""
