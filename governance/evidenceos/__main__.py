"""`python -m governance.evidenceos claim FILE... --key KEY`, or `directory DIR`: see `offline`."""

from __future__ import annotations

import sys

from governance.evidenceos.offline import main

if __name__ == "__main__":
    sys.exit(main())
