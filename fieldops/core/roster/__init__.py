"""The one busy table: every promise of a person, vehicle or kit as a half-open interval."""
