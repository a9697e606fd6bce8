"""The writes of trips. Order of locks: the trip, its sessions, agenda, posts, people, vehicles, kit."""
