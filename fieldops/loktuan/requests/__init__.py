"""Requests for the mobile service: from the public form to the decision."""
