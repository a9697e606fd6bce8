"""Trips: planned, approved, published, carried out, reported."""
