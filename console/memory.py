"""What a server's process does once, when everything is loaded: nothing of that is ever looked at as garbage.

Python's collector counts new objects and walks old ones. An answer to a batch makes some ten thousand, which are gone
by themselves when it is sent; with the usual thresholds each batch had everything that was ever loaded walked anew.
"""

from __future__ import annotations

import gc
from typing import Final

YOUNG: Final = 20_000
"""New objects after which the collector looks at them (Python's own: 700)."""
OLDER: Final = 20
OLDEST: Final = 50


def settle() -> None:
    """Collect once, leave what is there alone from now on, and look at new objects less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, OLDER, OLDEST)
