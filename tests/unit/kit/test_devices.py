"""Browsers in words, from what real ones send."""

from __future__ import annotations

import pytest

from fieldops.kit.devices import describe

SENT = {
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36": (
        "Chrome di Android"
    ),
    "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-A145F) AppleWebKit/537.36 (KHTML, like Gecko) "
    "SamsungBrowser/23.0 Chrome/115.0.0.0 Mobile Safari/537.36": "Samsung Internet di Android",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
    "Mobile/15E148 Safari/604.1": "Safari di iPhone",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0 "
    "Mobile/15E148 Safari/604.1": "Chrome di iPhone",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 "
    "Edg/130.0.0.0": "Edge di Windows",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0": "Firefox di Linux",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.4 Safari/605.1.15": "Safari di Mac",
    "curl/8.5.0": "Perangkat tidak dikenal",
    "": "Perangkat tidak dikenal",
    "<script>alert(1)</script> on Android": "Peramban di Android",
    "A" * 5000 + " Chrome/1": "Perangkat tidak dikenal",
}


@pytest.mark.parametrize(("sent", "said"), SENT.items())
def test_a_browser_is_told_in_words(sent, said):
    assert describe(sent) == said
    assert len(said) <= 40
