"""The data of a Surat Perjalanan Dinas for one traveller, to be copied into the form of the finance system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldops.core.letters.pdf import parts
from fieldops.core.letters.pdf.paper import SMALL, Paper, shared
from fieldops.kit import clock
from fieldops.kit.indonesian import date_time, in_words, plain_date
from fieldops.kit.pdf import INK_2, mm

if TYPE_CHECKING:
    from fieldops.core.letters.documents import SpdSheet


def spd_pdf(*sheets: SpdSheet) -> bytes:
    """Give the sheets of one letter's travellers as A4 PDF, each on a page of its own. The same sheets give the same
    bytes. Refuses none with ValueError.

    It is no SPD: that one has a number and signatures of its own (PMK 113/PMK.05/2012, changed by PMK 119/2023).
    """
    if not sheets:
        raise ValueError("a travel sheet needs a traveller")
    first = sheets[0]
    paper = Paper(
        title=f"Lembar data SPD, surat tugas {first.letter_number}",
        author=first.head.office,
        foot=f"Lembar data SPD, surat tugas {first.letter_number}",
        demo=first.demo,
    )
    for sheet in sheets:
        if not paper.is_at_top:
            paper.turn()
        _sheet(paper, sheet)
    return paper.made()


def _sheet(paper: Paper, sheet: SpdSheet) -> None:
    parts.head(paper, sheet.head)
    parts.title(paper, "LEMBAR DATA SURAT PERJALANAN DINAS", f"Surat tugas {sheet.letter_number}")
    across = shared((("No.", 10, "centre"), ("Uraian", 62, "left"), ("Isi", 96, "left")))
    rows = [[f"{n}.", name, text or "–"] for n, (name, text) in enumerate(_lines(sheet), start=1)]
    paper.table(across, rows, size=9)
    paper.say(
        "Lembar ini memuat data untuk mengisi SPD di aplikasi keuangan. Lembar ini bukan SPD dan tidak ditandatangani.",
        size=SMALL,
        colour=INK_2,
        before=3 * mm,
    )


def _lines(sheet: SpdSheet) -> list[tuple[str, str]]:
    who, days = sheet.traveller, sheet.days
    leaves, returns = clock.office_day(sheet.departs_at), clock.office_day(sheet.returns_at)
    return [
        ("Pejabat pemberi perintah", f"{sheet.orderer.title}, {sheet.orderer.name}"),
        ("Nama pegawai yang melaksanakan perjalanan", who.name),
        ("NIP", parts.nip_text(who.nip)),
        ("Pangkat dan golongan", who.rank),
        ("Jabatan/tugas dalam perjalanan", who.duty),
        ("Maksud perjalanan dinas", sheet.purpose),
        ("Jenis perjalanan dinas", sheet.kind.label),
        ("Alat angkut yang dipergunakan", sheet.transport),
        ("Tempat berangkat", sheet.origin),
        ("Tempat tujuan", sheet.destination),
        ("Lama perjalanan", f"{days} ({in_words(days)}) hari"),
        ("Tanggal berangkat", plain_date(leaves)),
        ("Tanggal kembali", plain_date(returns)),
        ("Jam berangkat dan kembali", _hours(sheet)),
        ("Pembebanan anggaran", sheet.budget),
        ("Keterangan lain-lain", sheet.note),
    ]


def _hours(sheet: SpdSheet) -> str:
    return f"Berangkat {date_time(sheet.departs_at, clock.ZONE)}; kembali {date_time(sheet.returns_at, clock.ZONE)}"
