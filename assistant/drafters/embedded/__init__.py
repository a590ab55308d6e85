"""The drafter that needs no model: it composes a project from retrieved patterns."""
