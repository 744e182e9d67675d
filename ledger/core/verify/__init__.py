"""The offline verifier: what a reader can know from a file, a policy and a clock, with the server switched
off.

Guarantees three outcomes (verified, rejected, incomplete), that trust comes from the reader alone, that it
goes on after a problem and reports all, and that hostile input ends in a code, never in an exception. One
file for each group of steps; the order is that of `bundle.py`.
"""

from ledger.core.verify.bundle import verify_bundle, verify_governance, verify_part
from ledger.core.verify.single import verify_checkpoint, verify_proof
from ledger.core.verify.single_receipt import verify_receipt

__all__ = ["verify_bundle", "verify_checkpoint", "verify_governance", "verify_part", "verify_proof", "verify_receipt"]
