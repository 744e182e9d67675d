"""Signatures that need pyca/cryptography: ECDSA (NIST curves, SHA-256) and ML-DSA-44.

Guarantees three answers: True, False, or None where this Python has no backend; absence is never taken for a
verdict. Follows C2SP signed-note v1.0.0 (type 0x02) and FIPS 204. Ed25519 is never verified here (see
ledger.core.ed25519).
"""

from __future__ import annotations

try:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, mldsa
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_der_public_key
except ImportError:
    AVAILABLE = False
else:
    AVAILABLE = True


def verify_ecdsa(spki: bytes, message: bytes, signature: bytes) -> bool | None:
    """Check a DER signature over SHA-256(`message`) under a DER SubjectPublicKeyInfo on a NIST curve."""
    if not AVAILABLE:
        return None
    try:
        key = load_der_public_key(spki)
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        key.verify(signature, message, ec.ECDSA(SHA256()))
    except UnsupportedAlgorithm:
        return None
    except (InvalidSignature, ValueError):
        return False
    return True


def verify_mldsa44(public: bytes, message: bytes, signature: bytes) -> bool | None:
    """Check a 2420-byte ML-DSA-44 signature (empty context) under a 1312-byte public key."""
    if not AVAILABLE:
        return None
    try:
        mldsa.MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except UnsupportedAlgorithm:
        return None
    except (InvalidSignature, ValueError):
        return False
    return True
