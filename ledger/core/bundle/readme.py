"""README.txt of a bundle: how to verify it, and what it does not claim."""

from __future__ import annotations

from ledger.core.bundle.manifest import Disclosure, Period

_HOW = """\
Countersign evidence bundle
===========================

Log:    {origin}
Range:  leaves {first} to {last}, under the log's head of {size} leaves
Shown:  {shown}
{period}
How to verify it
----------------
You need three things, and none of them may come from this bundle:
  1. the verifier, one file for Python 3.11 or later without any package.
     Compare its SHA-256 with your trust sheet.
  2. a policy file (C2SP tlog-policy) with the log key from your trust sheet, for example
         log <the verifier key of the log>
         quorum none
  3. this bundle, as you received it (.tar.gz or .tar).
Then, on any machine, without a network:
         python3 countersign-verify.py bundle FILE --policy trust.policy
Exit code 0 means verified, 1 rejected, 2 incomplete (something that is needed is lacking), 64 unusable.
Its first line says the outcome; every problem has a code, what was compared, and what to do next.

What is in it
-------------
manifest.dsse.json  each file with its size and SHA-256, signed by an export key of the log
leaves.ndjson       the leaves of the range, one canonical JSON object a line; a line with index and
                    leaf_hash alone is a leaf that is covered but not shown
receipts.ndjson     the receipts that the log gave for its events
objects/            attributes and payloads where they are disclosed, with salts that open the commitments
range-proof.json    the hashes that join the range to the root of the head
attached.ndjson     leaves outside the range that are needed: genesis, keys, policies, pauses, erasures, holds, gaps,
                    neighbours
checkpoints/        signed heads of the log; consistency.json joins the older ones to the largest
keys.json, policy/  for people: what the log's own leaves say about keys and policies

What is NOT claimed
-------------------
- That what an event says is true. Proved is that it was recorded in this place and not changed since.
- That every event that happened was recorded: what the log knows to be lacking stands in its gap leaves.
- Times are those of the server that recorded; an independent time exists only where a witness or an
  anchor gives one.
- That no other head of this log was shown to somebody else: compare heads with other readers, or ask for
  witnesses.
- The content of anything erased: without salt and bytes neither side's claim is supported.
"""


_AFTER = "keys.json, policy/"
_DECISIONS = """\
governance/changes.tar
                    the log of decisions, opened for those that leaves name. To judge them add its log line to
                    trust.policy, and its origin as governance_origin to trust.json
"""


def readme(
    origin: str, first: int, last: int, size: int, disclosed: Disclosure, period: Period | None,
    *, decisions: bool = False,
) -> bytes:  # fmt: skip
    """The text for people, in UTF-8; the same arguments give the same bytes."""
    names = {"receipts": disclosed.receipts, "attributes": disclosed.attrs, "payloads": disclosed.payloads}
    shown = ", ".join(["leaves", *(name for name, flag in names.items() if flag)])
    asked = ""
    if period is not None:
        start, end = period.start or "the beginning", period.end or "the head"
        asked = f"Period: {start} up to {end} by {period.basis} time\n"
    how = _HOW.replace(_AFTER, f"{_DECISIONS}{_AFTER}") if decisions else _HOW
    text = how.format(origin=origin, first=first, last=last, size=size, shown=shown, period=asked)
    return text.encode()
