import pytest
from tests.browser.test_booking import choose, fill, NAME
from tests import cast
from playwright.sync_api import expect


@pytest.mark.parametrize("fix", [0, 1])
def test_x(office, walk, fix):
    day = office.a_day(6)
    one = walk()
    one.go(f"/J/{day.page_code}")
    choose(one)
    one.send(one.button("Lanjut"))
    if fix:
        one.page.evaluate("history.replaceState(null,'',location.href)")
    fill(one, nik=cast.nik(900 + fix), phone=cast.phone(900 + fix))
    one.send(one.button("Lanjut"))
    one.arrive("Periksa dulu, lalu kirim")
    try:
        r = one.page.go_back()
        print(fix, one.page.url, one.find("h1").inner_text(), r and r.status, r and r.request.method)
    except Exception as e:
        print(fix, repr(e)[:200], one.page.url)
