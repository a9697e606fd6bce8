"""What a browser says about itself, in words for people: "Chrome di Android". The text that it sent is not kept."""

from __future__ import annotations

# The first sign that is found counts: every browser also names those that it wants to be taken for.
_BROWSERS = (
    ("edg/", "Edge"),
    ("edga/", "Edge"),
    ("edgios/", "Edge"),
    ("opr/", "Opera"),
    ("samsungbrowser/", "Samsung Internet"),
    ("miuibrowser/", "Mi Browser"),
    ("ucbrowser/", "UC Browser"),
    ("firefox/", "Firefox"),
    ("fxios/", "Firefox"),
    ("crios/", "Chrome"),
    ("chrome/", "Chrome"),
    ("safari/", "Safari"),
)
_SYSTEMS = (
    ("android", "Android"),
    ("iphone", "iPhone"),
    ("ipad", "iPad"),
    ("windows", "Windows"),
    ("mac os", "Mac"),
    ("cros", "Chromebook"),
    ("linux", "Linux"),
)


def describe(user_agent: str) -> str:
    """Browser and system in a few words; never more than 40 signs, never anything that was sent."""
    text = user_agent[:400].lower()
    browser = next((name for sign, name in _BROWSERS if sign in text), "")
    system = next((name for sign, name in _SYSTEMS if sign in text), "")
    if browser and system:
        return f"{browser} di {system}"
    return browser or (f"Peramban di {system}" if system else "Perangkat tidak dikenal")
