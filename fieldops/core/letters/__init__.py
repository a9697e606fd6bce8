"""Numbered letters: numbers restart each year and are never used twice; a changed letter is a new version."""
