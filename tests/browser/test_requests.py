"""Asking for the mobile service on a cheap phone whose browser runs no scripts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from fieldops.kit import clock
from fieldops.loktuan.models import TripRequest

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("one_process")]


def test_a_request_without_scripts_from_the_home_page_to_its_own(office, walk, tmp_path):
    letter = tmp_path / "surat permohonan.pdf"
    letter.write_bytes(b"%PDF-1.4\n%%EOF\n")
    one = walk(width=360, height=740, scripts=False)
    one.go("/")
    one.send(one.link("minta layanan paspor keliling"))
    one.arrive("Minta layanan paspor keliling")
    one.check("request-new")
    one.type(one.find("#organisation"), "PT Contoh Tanpa Skrip")
    one.send(one.button("Kirim permintaan"))
    one.arrive("Minta layanan paspor keliling")
    one.check("request-wrong")
    assert one.find("#organisation").input_value() == "PT Contoh Tanpa Skrip"
    one.find("[name=kind][value=company]").check()
    one.type(one.find("#contact_name"), "Siti Nurhaliza")
    one.type(one.find("#phone"), "0812 9900 0555")
    one.find("#area").select_option("64.08.10")
    one.type(one.find("#place"), "Aula")
    one.type(one.find("#address"), "Jalan Poros")
    one.find("#first").fill((clock.today() + timedelta(days=14)).isoformat())
    one.type(one.find("#people"), "35")
    one.find("#letter").set_input_files(letter)
    one.send(one.button("Kirim permintaan"))
    one.page.wait_for_url("**/L/*")
    assert "Menunggu jawaban" in one.find("main").inner_text()
    assert "surat permohonan.pdf" in one.find("main").inner_text()
    one.check("request")
    asked = select(func.count()).where(TripRequest.organisation == "PT Contoh Tanpa Skrip")
    assert office.read(lambda session: session.scalar(asked)) == 1
