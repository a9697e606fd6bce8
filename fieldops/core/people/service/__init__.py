"""Writes about staff: `persons` their facts, `entry` links and sessions, `imports` sheets of them."""

from fieldops.core.people.service.entry import end_session, make_link, note_seen, use_link
from fieldops.core.people.service.persons import add_person

__all__ = ["add_person", "end_session", "make_link", "note_seen", "use_link"]
