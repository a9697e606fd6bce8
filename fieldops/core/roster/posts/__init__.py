"""Posts: places on a shift, who stands there, what became of it."""
