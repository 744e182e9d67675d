"""Known answers for the formats of EvidenceOS: upstream's own constants, and those of an independent implementation.

Seeds are one repeated byte. Values only; jverdicc/EvidenceOS at ed9891d, Apache-2.0.
"""

from __future__ import annotations

DOMAIN_DIGEST = ("evidenceos:test:v1", b"payload", "87793298a928d7506f292db3201b2c471623211631bbb31d22ae30bb28ea5ea5")

NULLSPEC_ID = "fac1fe58923f74eb0b42ecc5004bbcd2153cb34f45777572adf03e55a722cc9c"
"""Of oracle o1, holdout h1, resolution 07.., calibration 09.., epoch 10, TTL 20, (0.2, 0.3, 0.5), (1, 1, 1), by op1."""
NULLSPEC_SIGNATURE = (
    "bf1deb31a4dd1c73ae44dcf1c3fe1f2b26b691ab600d9f6beab64cd887e8ee8d"
    "5cfac17403111c3ebb003964b446d11ae5a34e7ac60ad7eed2d4f2e389ad1800"
)
NULLSPEC_FILE_DIGEST = "877cf412cc7bc114bb6bfed193970c52231980de7913dd2251cbf0c2651eba91"
REGISTRY_SIGNATURE = (
    "53a9850b50a76116d8368e8edfc0429d23b09c5e6fc8de39b4b91f7913218aba"
    "35b11e86f039878e4aa6eeb9fa7a3c46e0532df0375d62e2b62106361fd35f00"
)

RESOLUTION_HASHES = (
    (4, None, 0, None, "f4c1c65cfbd78e008158e9192b8870886a2ffb375f407f2b0d85592b86c3bee5"),
    (4, "ab" * 32, 3, 5, "c7c823db8318b449f16da2d5ef2c571b92d74960a44ff1bbb3277a94f87fa82a"),
)
"""Symbols, calibration, epoch, TTL, hash."""

RECORD_DIGEST = "a42f1363b344abae98f9cd73832f62d6d7c0d93fdc19934b73b795ec1e9a2912"
EPOCH_DIGEST = "43df434bd0d4db4c229d05a60f4a256cc156379393d376febfb841cabce87123"
EVENT_IDS = {
    "oracle_ttl_set": "3ca14ba51679f50dad023b785605a896f265b01306ec066a924b1cec1a49e32a",
    "epoch_advanced": "3c282e98e2dc1472c4779a9bd701dd7c811ddf6abbfba58dbb997a4986ae39b7",
}
HEAD_DIGESTS = {
    0: (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "ffd85315b4635d6b3c20a1272653967732bff5575d919808436d7c6c67440106",
    ),
    5: (
        "974c0f3c9cc90a15af1841cc673f6b60f01dbbdbbda9a7d25594015c50763121",
        "043e850910faa45e71f47edd6dbd36c42613432e3a211ac6361b162b63a2e437",
    ),
    16: (
        "fa36de83cbd6453036e76ea93483e60cbf1dad3467414c4bb8b99adef76d3d57",
        "093237e473f1fee273f70049155deec97f46077eb613765273b058273a396b6d",
    ),
}
"""Size: root and digest, over the entries entry-0000 to entry-0015."""
KEY_ID_OF_SEED_7 = "fe812c12f3ab4ce6ac5db69ac352f906cb1b11ef43fb33e252ef7ff552263889"
REVOCATIONS_DIGEST = "c1ee14ed460b5344ccb1667bd6280610b399be64acc641f05391e6272bcb8a82"
RECORD_OF_ABC = "03000000616263335de166"
"""The record of `abc`: length, payload, CRC-32 0x66e15d33, both little-endian."""
PAIRS_UPSTREAM_REJECTS = ((5, 6), (9, 10), (9, 11), (10, 12), (13, 14), (17, 24), (33, 40), (39, 40))
