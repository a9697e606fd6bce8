"""Seats are rows: pages, sessions, seats, bookings and the people on them. Start at service.py."""
