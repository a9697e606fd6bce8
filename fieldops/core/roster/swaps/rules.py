"""Who may do what with a swap, and when."""

from __future__ import annotations

from datetime import datetime

from fieldops.core.roster.rules import PostState, SwapState
from fieldops.kit.errors import Refusal


def check_open(state: PostState, starts_at: datetime, now: datetime) -> None:
    """A duty changes hands only while it is published and has not begun."""
    if state is not PostState.PUBLISHED:
        raise NotSwappable
    if now >= starts_at:
        raise TooLate


def check_step(state: SwapState, *allowed: SwapState) -> None:
    """Refuses a step that somebody else has taken or made impossible."""
    if state not in allowed:
        raise SwapOver(f"Tukar ini sudah: {state.label.lower()}. Tidak ada yang berubah.")


class NotSwappable(Refusal):
    sentence = "Hanya giliran yang sudah terbit bisa ditukar."


class TooLate(Refusal):
    sentence = "Giliran ini sudah mulai, jadi tidak bisa ditukar lagi. Hubungi Kasubsi."


class SwapOver(Refusal):
    sentence = "Tukar ini sudah selesai."


class AlreadyOffered(Refusal):
    sentence = "Giliran ini sudah ditawarkan. Tarik dulu tawaran yang lama."


class NotForYou(Refusal):
    sentence = "Tawaran ini untuk orang lain."


class OwnOffer(Refusal):
    sentence = "Tawaran sendiri tidak bisa diterima sendiri."
    field = "taker"


class OwnApproval(Refusal):
    sentence = "Tukar yang menyangkut Anda disetujui oleh atasan lain."


class AcceptedForAnother(Refusal):
    sentence = "Anda sendiri yang menerima atas namanya, jadi atasan lain yang menyetujui tukar ini."


class OwnDutyGiven(Refusal):
    sentence = "Giliran Anda sendiri tidak bisa Anda terimakan untuk orang lain. Minta atasan lain."
    field = "for_person"


class NeedTaker(Refusal):
    sentence = "Pilih siapa yang mengambil giliran ini."
    field = "for_person"


class NeedAcceptNote(Refusal):
    sentence = "Tulis mengapa Anda menerima atas namanya, supaya keduanya tahu."
    field = "reason"


class NeedNote(Refusal):
    sentence = "Tulis alasannya, supaya keduanya tahu."
    field = "note"
