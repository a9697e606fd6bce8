"""Vehicles and kit: what the office has, when it is in the workshop, and how far a vehicle went."""
