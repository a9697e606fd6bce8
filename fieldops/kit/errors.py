"""What can go wrong in words that people see. The sentence of a refusal stands beside the rule that makes it."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 (the house word)
    """The rule says no. `sentence` is Indonesian and says what happened and what to do; shown with 422 at `field`."""

    sentence = "Permintaan ini belum bisa dijalankan."
    field: str | None = None
    status = 422

    def __init__(self, sentence: str | None = None, *, field: str | None = None) -> None:
        super().__init__(sentence or self.sentence)
        if sentence is not None:
            self.sentence = sentence
        if field is not None:
            self.field = field


class Stale(Refusal):
    """Someone was faster: the state changed since the page was drawn. Shown with 409 and the current state."""

    sentence = "Keadaan sudah berubah sejak halaman ini dibuka. Periksa lagi, lalu ulangi."
    status = 409


class NotFound(Refusal):
    """No such thing, or not for this person: one answer for both."""

    sentence = "Halaman atau data ini tidak ditemukan."
    status = 404
