"""Models of authenticators by AAGUID (WebAuthn level 3, section 6.5.1): what makes passkeys, as it says of itself.

Guarantees nothing about the device: an AAGUID that nothing attests is what the device or its browser tells. Names are
those of the community's list (passkeydeveloper/passkey-authenticator-aaguids) and of makers.
"""

from __future__ import annotations

import re
from typing import Final

UNTOLD: Final = "00000000-0000-0000-0000-000000000000"
"""What is told where the browser or the device says nothing of the model."""
_FORM: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_NAMES: Final = {
    "fbfc3007-154e-4ecc-8c0b-6e020557d7bd": "iCloud Keychain",
    "dd4ec289-e01d-41c9-bb89-70fa845d4bf2": "iCloud Keychain (managed)",
    "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4": "Google Password Manager",
    "adce0002-35bc-c60a-648b-0b25f1f05503": "Chrome on Mac",
    "08987058-cadc-4b81-b6e1-30de50dcbe96": "Windows Hello",
    "9ddd1817-af5a-4672-a2b9-3e3dd95000a9": "Windows Hello",
    "6028b017-b1d4-4c02-b4b3-afcdafc96bb2": "Windows Hello",
    "53414d53-554e-4700-0000-000000000000": "Samsung Pass",
    "bada5566-a7aa-401f-bd96-45619a55120d": "1Password",
    "d548826e-79b4-db40-a3d8-11116f7e8349": "Bitwarden",
    "531126d6-e717-415c-9320-3d9aa6981239": "Dashlane",
    "0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6": "Keeper",
    "cb69481e-8ff7-4039-93ec-0a2729a154a8": "YubiKey 5 series",
    "ee882879-721c-4913-9775-3dfcce97072a": "YubiKey 5 series",
    "fa2b99dc-9e39-4257-8f92-4a30d23c4118": "YubiKey 5 series",
    "2fc0579f-8113-47ea-b116-bb5a8db9202a": "YubiKey 5 series",
}


def is_aaguid(text: str) -> bool:
    """Whether it is written as AAGUIDs are: lower-case hex with hyphens."""
    return _FORM.fullmatch(text) is not None


def model_name(aaguid: str) -> str:
    """The name of a model, '' where it is not known."""
    return _NAMES.get(aaguid, "")


def is_allowed(aaguid: str, allowed: frozenset[str]) -> bool:
    """Whether a passkey of this model is taken; without a list every model is, and one that is not told is on none."""
    return not allowed or (aaguid != UNTOLD and aaguid in allowed)
