"""Puts the parts of a seed together for one installation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from console.demo.carrying import Carrier
from console.demo.files import Files
from console.demo.filling import Filler
from console.demo.founding import Founder
from console.demo.gathering import gather
from console.demo.governing import Governor
from console.demo.secret import SECRET_BYTES, open_secret
from console.demo.seeding import Seed
from console.demo.terminal import Terminal
from governance.identity.moment import Moment


def seed_of(
    files: Files,
    port: int,
    terminal: Terminal,
    entropy: Callable[[int], bytes],
    clock: Callable[[], datetime],
) -> Seed:
    """The seed below `files`, to be served on `port`; `clock` answers in UTC."""
    secret = open_secret(files.secret, entropy(SECRET_BYTES))

    def moment() -> Moment:
        return Moment(clock(), entropy)

    return Seed(
        files=files,
        host=settings.COUNTERSIGN_PUBLIC_NAME,
        url=f"http://localhost:{port}",
        terminal=terminal,
        founder=Founder(secret, moment, settings.OTP_TOTP_ISSUER),
        governor=Governor(secret, moment, files.keys),
        filler=Filler(terminal, entropy, files.recovery),
        carrier=Carrier(files, terminal, entropy),
        gather=lambda: gather(settings.BASE_DIR, secret.pseudonyms()),
    )
