"""The letter of assignment (surat tugas) on paper.

The layout follows the ministry's letters: head, number, Menimbang, Dasar, MEMBERI TUGAS, Kepada, Untuk, signature,
Tembusan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fieldops.core.letters import rules
from fieldops.core.letters.pdf import parts
from fieldops.core.letters.pdf.paper import BODY, SMALL, WIDTH, Paper, shared
from fieldops.kit.indonesian import join_words, plain_date
from fieldops.kit.pdf import BOLD, INK_2, mm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fieldops.core.letters.documents import Assignment, AssignmentLetter, CrewMember

DOTS: Final = "." * 42
_CREW: Final = (
    ("No.", 9, "centre"),
    ("Nama", 47, "left"),
    ("NIP", 44, "left"),
    ("Pangkat/Gol.", 30, "left"),
    ("Jabatan/tugas dalam perjalanan", 38, "left"),
)


def assignment_pdf(letter: AssignmentLetter) -> bytes:
    """Give the letter as A4 PDF, of as many pages as its crew needs. The same letter gives the same bytes.

    Without an official number there are dots, to be filled by hand. A void letter says TIDAK BERLAKU across each page.
    """
    said, shown = letter.assignment, rules.register_number(letter.kind, letter.number, letter.year)
    version = f"{rules.version_text(letter.version)}"
    paper = Paper(
        title=f"Surat tugas {shown}, {version}",
        author=said.head.office,
        foot=f"Surat tugas, register FieldOps {shown}, {version}",
        demo=letter.demo,
        across="TIDAK BERLAKU" if letter.is_void else "",
    )
    parts.head(paper, said.head)
    paper.say("SURAT TUGAS", size=13, face=BOLD, align="centre")
    paper.say(f"NOMOR {letter.official_number or DOTS}", size=10, align="centre", before=0.8 * mm)
    of_version = f", menggantikan {rules.version_text(letter.version - 1)}" if letter.version > 1 else ""
    line = f"Nomor register {shown} · {version[0].upper()}{version[1:]}{of_version}"
    paper.say(line, size=SMALL, colour=INK_2, align="centre", before=0.8 * mm)
    paper.top -= 2 * mm
    paper.labelled("Menimbang", said.considering, parts.letters(len(said.considering)))
    paper.labelled("Dasar", said.basis, parts.numbers(len(said.basis)))
    paper.need(40 * mm)
    paper.say("MEMBERI TUGAS", size=10.5, face=BOLD, align="centre", before=4 * mm)
    paper.say("Kepada:", before=2.5 * mm)
    paper.top -= 1 * mm
    paper.table(shared(_CREW), crew_rows(said.crew))
    tasks = tasks_of(said)
    paper.labelled("Untuk", tasks, parts.numbers(len(tasks)), keep=parts.SIGNED)
    _sign(paper, letter)
    _copies(paper, said)
    return paper.made()


def crew_rows(crew: Sequence[CrewMember]) -> list[list[str]]:
    """The crew as rows of a table: number, name, NIP, rank, duty."""
    return [
        [f"{n}.", one.name, parts.nip_text(one.nip), one.rank or "–", one.duty or "–"]
        for n, one in enumerate(crew, start=1)
    ]


def tasks_of(said: Assignment) -> list[str]:
    """What they are sent for, as sentences."""
    where = f"{said.place}, {said.address}" if said.address else said.place
    tasks = [f"{said.task} di {where};", f"Waktu pelaksanaan: {parts.span(said.departs_at, said.returns_at)};"]
    if said.vehicles:
        tasks.append(f"Kendaraan: {join_words([one.text for one in said.vehicles])};")
    if said.budget:
        tasks.append(f"Biaya yang timbul dibebankan pada {said.budget};")
    report = f"Melaporkan pelaksanaan tugas secara tertulis kepada {said.signer.title}"
    return [*tasks, f"{report} paling lambat 5 (lima) hari kerja setelah kembali."]


def _sign(paper: Paper, letter: AssignmentLetter) -> None:
    said = letter.assignment
    above = (f"{said.city}, {plain_date(letter.day)}",)
    places = [(WIDTH - parts.SIGN_WIDTH, parts.signature(said.signer, above=above))]
    top = parts.signatures(paper, places, least=parts.QR_SIDE + 8 * mm)
    parts.verification(paper, letter.verify_url, top)


def _copies(paper: Paper, said: Assignment) -> None:
    if not said.copies:
        return
    paper.need(3 * BODY * 1.3)
    paper.say("Tembusan:", size=SMALL, before=3 * mm)
    for mark, copy in zip(parts.numbers(len(said.copies)), said.copies, strict=True):
        paper.say(copy, size=SMALL, indent=5 * mm, mark=mark)
