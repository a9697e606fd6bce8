"""The append-only log of what happened to a person at a service; state is derived from it."""
