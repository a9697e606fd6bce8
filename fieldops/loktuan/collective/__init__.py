"""The list of a group for one trip, by the private link of its contact."""
