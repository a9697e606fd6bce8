"""Points and texts of a site: tables of cases without a database."""

from __future__ import annotations

import pytest

from fieldops.core.places import rules
from fieldops.core.places.forms import SiteForm, read_site, values_of
from fieldops.core.places.queries import OFFICE_SITE, SiteDetail
from fieldops.kit.forms import summary


@pytest.mark.parametrize(
    ("latitude", "longitude", "told"),
    [
        (None, None, None),
        (0.1324, 117.4854, None),
        (-0.6, 115.9, None),
        (2.3, 119.2, None),
        (117.4854, 0.1324, "tertukar"),
        (-6.2, 106.8, "jauh di luar"),
        (2.31, 117.0, "jauh di luar"),
        (0.1, None, "bujurnya"),
        (None, 117.0, "lintangnya"),
    ],
)
def test_a_point_lies_in_the_working_area_or_is_refused(
    latitude: float | None, longitude: float | None, told: str | None
) -> None:
    if told is None:
        rules.check_point(latitude, longitude)
        return
    with pytest.raises(rules.WrongPoint, match=told):
        rules.check_point(latitude, longitude)


def test_a_text_may_be_needed_and_is_not_endless() -> None:
    with pytest.raises(rules.WrongText, match="Isi nama"):
        rules.read_line(" - ", needed="Isi nama.")
    with pytest.raises(rules.WrongText, match="Paling panjang 3 huruf, yang Anda isi 4"):
        rules.read_line("abcd", most=3)
    assert rules.read_line("Nur\x07'aini\u200b") == "Nur'aini"


def test_what_is_kept_is_drawn_so_that_it_is_read_the_same() -> None:
    plain = {"contact_name": "", "contact_phone": "", "signal_note": "", "power_note": "", "is_active": True}
    site = SiteDetail(
        OFFICE_SITE, "A", "B", "64.74.01", "C", "yes", 0.1324, 117.0, has_signal=False, revision=3, **plain
    )
    form = SiteForm(data=values_of(site))
    assert (form.latitude.data, form.longitude.data) == ("0,1324", "117")
    facts = read_site(form)
    assert facts is not None, summary(form)
    assert (facts.latitude, facts.longitude, facts.has_signal) == (0.1324, 117.0, False)
