"""Leave and other absence: asked for, decided, and paid for with compensation days where that is its kind."""
