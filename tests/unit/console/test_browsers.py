from __future__ import annotations

import pytest

from console.browsers import browser_words

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME, "Chrome on Linux"),
        (f"{CHROME} Edg/156.0", "Edge on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; rv:148.0) Gecko/20100101 Firefox/148.0", "Firefox on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Version/26.0 Safari/604.1", "Safari on iPhone"),
        ("curl/8.5.0", "curl"),
        ("Tests/1", "Tests/1"),
        ("", "unknown"),
        ("x" * 100, "x" * 60),
    ],
)
def test_a_browser_is_told_in_words_that_its_owner_recognises(agent: str, words: str) -> None:
    assert browser_words(agent) == words
