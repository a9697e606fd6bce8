"""The shape of what is typed about a letter."""

from __future__ import annotations

from wtforms import Form

from fieldops.core.letters import rules
from fieldops.kit.forms import Read


class NumberForm(Form):
    """The office's own number of a letter."""

    official_number = Read("Nomor resmi", rules.read_official_number)
