"""Facts about this installation: whether it is a demonstration, which plan was loaded."""
