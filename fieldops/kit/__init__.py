"""Technique with no office word in it."""
