"""Swaps: a duty changes hands by offer, acceptance and approval."""
