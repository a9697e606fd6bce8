"""The client of the tests refuses a page that breaks a promise of every page."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from tests.client import Answer, check_page

GOOD = (
    '<!doctype html><html lang="id"><head><title>Jadwal - FieldOps</title>'
    '<script src="/static/js/a.js"></script></head><body><main><h1>Jadwal</h1>'
    '<form method="post"><label for="name">Nama</label>'
    '<input id="name" name="name" aria-describedby="hint"><p id="hint">Seperti di KTP</p>'
    '<label>Umur <input name="age"></label><select name="day" aria-label="Hari"></select>'
    '<input type="hidden" name="key"></form></main></body></html>'
)


def answer(page: str) -> Answer:
    return Answer(TestResponse([page.encode()], "200 OK", {"Content-Type": "text/html"}, request=None), "/jadwal")  # type: ignore[arg-type]


def test_a_good_page_passes():
    check_page(answer(GOOD))


@pytest.mark.parametrize(
    ("was", "put", "complaint"),
    [
        ("</main>", "</mein>", "unexpected-end-tag"),
        ('id="hint"', 'id="name"', "id twice: ['name']"),
        ('<script src="/static/js/a.js">', "<script>", "inline script"),
        ("</title>", "</title><style></style>", "inline style sheet"),
        ("<main>", '<main style="top:0">', "style on <main>"),
        ("<main>", '<main onclick="go()">', "onclick on <main>"),
        ("<main>", '<main hx-on:click="go()">', "hx-on:click on <main>"),
        ("</form>", '</form><a href="JavaScript:go()">x</a>', "href='JavaScript:go()'"),
        ("</form>", '</form><a href="http://example.com/">x</a>', "href leads outside"),
        ('/static/js/a.js"', 'http://example.com/a.js"', "src leads outside"),
        ('<label for="name">Nama</label>', "", "no label for 'name'"),
        ('id="name" ', "", "no label for 'name'"),
        ('<label>Umur <input name="age"></label>', 'Umur <input name="age">', "no label for 'age'"),
        (' aria-label="Hari"', "", "no label for 'day'"),
        ("<label>Umur", '<textarea name="why"></textarea><label>Umur', "no label for 'why'"),
        ('id="hint"', "", "described by hint"),
        ("<h1>", '<label for="gone">x</label><h1>', "a label for gone"),
        ('<form method="post">', "<form>", "a form without action and method"),
        ('method="post"', 'method="put"', "/jadwal"),
        (' lang="id"', "", "lang is None"),
        ("<h1>Jadwal</h1>", "", "0 h1"),
        ("<h1>", "<h1>Jadwal</h1><h1>", "2 h1"),
        ("<title>Jadwal", "<title>Hari", "title 'Hari - FieldOps', h1 'Jadwal'"),
        ("<h1>Jadwal</h1>", "<h1></h1>", "an empty h1"),
        ("<h1>", '<div class="errors"><a href="#gone">x</a></div><h1>', "the summary leads to #gone"),
    ],
)
def test_a_page_that_breaks_a_promise_is_refused(was, put, complaint):
    assert was in GOOD
    with pytest.raises(AssertionError, match=re.escape(complaint)):
        check_page(answer(GOOD.replace(was, put, 1)))
