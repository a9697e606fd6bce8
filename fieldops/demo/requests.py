"""The mobile service of the demonstration office: where it goes and who asked for it. Contacts are invented."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from fieldops.core.audit.rules import staff
from fieldops.core.places import service as places
from fieldops.core.places.rules import SiteFacts
from fieldops.kit import clock
from fieldops.loktuan.requests import service as requests
from fieldops.loktuan.requests.rules import ApplicantKind, RequestFacts

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

# Partners that the plan names, at about where they are; the contacts are invented.
_SITES = (
    ("Gedung Serbaguna PT Badak NGL", "Kompleks PT Badak NGL, Satimpo", "64.74.02", (0.09, 117.47), True),
    ("Wisma Pupuk Kaltim", "Jalan James Simandjuntak, Guntung", "64.74.01", (0.18, 117.48), True),
    ("Aula PT Kaltim Prima Coal", "Swarga Bara, Sangatta", "64.08.04", (0.55, 117.53), True),
    ("Kantor Kecamatan Teluk Pandan", "Jalan Poros Bontang–Sangatta km 24", "64.08.13", (0.19, 117.35), True),
    ("Kantor Kecamatan Kaliorang", "Jalan Poros Kaliorang", "64.08.10", (0.87, 117.87), False),
    ("Kantor Kecamatan Sangkulirang", "Jalan Pelabuhan, Benua Baru", "64.08.05", (0.98, 117.98), False),
)
# Who asked for the mobile service: kind, organisation, contact, kecamatan, place, people, in how many days.
_REQUESTS = (
    (ApplicantKind.KECAMATAN, "Kecamatan Kaliorang", "Hasanuddin", "64.08.10", "Kantor Kecamatan Kaliorang", 45, 20),
    (ApplicantKind.COMPANY, "PT Kaltim Prima Coal", "Lilis Suryani", "64.08.04", "Aula PT Kaltim Prima Coal", 80, 33),
    (ApplicantKind.SCHOOL, "Pesantren Nurul Hidayah", "Abdul Kadir", "64.08.05", "Aula pesantren", 25, 40),
)


def fill(session: Session, who: UUID, *, now: datetime) -> None:
    """Sites, entered by `who`, and requests that wait for an answer."""
    _sites(session, who, now=now)
    _ask(session, now=now)


def _sites(session: Session, who: UUID, *, now: datetime) -> None:
    """Where the mobile service goes."""
    for number, (name, address, area_code, (latitude, longitude), has_signal) in enumerate(_SITES, 1):
        facts = SiteFacts(
            name=name,
            address=address,
            area_code=area_code,
            latitude=latitude,
            longitude=longitude,
            contact_name=f"Narahubung {number}",
            contact_phone=f"0812 9900 00{number:02d}",
            has_signal=has_signal,
            signal_note="" if has_signal else "Sinyal hanya di halaman depan",
            power_note="PLN; bawa genset bila mendung" if not has_signal else "PLN",
        )
        places.add(session, facts, form_key=str(uuid4()), actor=staff(who), now=now)


def _ask(session: Session, *, now: datetime) -> None:
    """Requests that wait for an answer."""
    for number, (kind, organisation, contact, area_code, place, number_of_people, days) in enumerate(_REQUESTS, 1):
        first = clock.office_day(now) + timedelta(days=days)
        facts = RequestFacts(
            kind=kind,
            organisation=organisation,
            contact_name=contact,
            phone=f"+62812990{number:05d}",
            area_code=area_code,
            place=place,
            address="Jalan poros kecamatan",
            wanted_from=first,
            wanted_to=first + timedelta(days=4),
            people=number_of_people,
            names=(),
            note="",
        )
        requests.ask(session, facts, form_key=str(uuid4()), now=now - timedelta(days=number))
