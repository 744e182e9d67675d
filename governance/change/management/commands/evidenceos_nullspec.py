"""`evidenceos_nullspec SLUG --buckets FILE`: a contract from calibration buckets, and the body to propose it."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from governance.change.core.native import declared
from governance.evidenceos.core.buckets import read_buckets
from governance.evidenceos.core.expected import resolution_of
from governance.evidenceos.core.nullspec import Contract
from governance.evidenceos.core.resolution import Lane
from governance.evidenceos.errors_of_targets import TargetInvalid
from governance.evidenceos.management.command import EvidenceOSCommand
from governance.evidenceos.selectors.targets import any_target, snapshot
from ledger.core.types import HASH_BYTES


class Command(EvidenceOSCommand):
    """As evidenceosctl nullspec create, but nothing is signed here, and the resolution hash is computed."""

    help = (
        "Make the contract of calibration buckets for an oracle and a holdout: smoothed probabilities that the daemon "
        "reads back as they are, bound to the oracle's record in force. Prints the text that the author signs, its id, "
        "and the body of a change of the kind nullspec.install. Writes nothing and signs nothing."
    )
    example = "evidenceos_nullspec lab --buckets b.json --oracle-id settle --holdout a --created-by ada --ttl-epochs 20"

    def add_arguments(self, parser: CommandParser) -> None:
        """As evidenceosctl's, and the lane."""
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("--buckets", required=True, type=Path, metavar="FILE", help="calibration buckets in JSON")
        parser.add_argument("--oracle-id", required=True, metavar="NAME")
        parser.add_argument("--holdout", required=True, metavar="NAME")
        parser.add_argument("--created-by", required=True, metavar="LABEL", help="the author's name in the keyring")
        parser.add_argument("--ttl-epochs", required=True, type=int, metavar="N")
        parser.add_argument("--alpha", type=float, default=1.0, metavar="WEIGHT", help="of each bucket; 1 unless given")
        parser.add_argument(
            "--resolution-hash", type=_hash, metavar="HEX", help="taken as it is; computed from the lane without"
        )
        parser.add_argument("--lane", choices=[lane.value for lane in Lane], default=Lane.FAST.value)

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Contract, id and body."""
        try:
            buckets = read_buckets(options["buckets"].read_bytes())
        except OSError as error:
            raise TargetInvalid("The buckets cannot be read", why=str(error)[:200]) from error
        found = snapshot(any_target(options["slug"]), self.moment().now).directory
        record, lane = found.records.get(options["oracle_id"]), Lane(options["lane"])
        resolution = resolution_of(record, len(buckets.counts), lane, buckets.epoch_created)
        stated = options["resolution_hash"]
        contract = Contract(
            options["oracle_id"], stated or resolution.hash(), options["holdout"], buckets.epoch_created,
            options["ttl_epochs"], buckets.null(steady=True), buckets.mixture(options["alpha"]),
            buckets.calibration_manifest_hash,
            options["created_by"],
        )  # fmt: skip
        payload = contract.signing_payload()
        body = {
            "target": options["slug"], "contract": payload.decode(), "lane": lane.value,
            "epoch": str(buckets.epoch_created), "native": [declared("nullspec_contract", "author", payload)],
        }  # fmt: skip
        return {"nullspec_id": sha256(payload).hexdigest(), "type": "nullspec.install", "body": body}


def _hash(text: str) -> bytes:
    """32 bytes of hexadecimal digits; raises ValueError, which the parser tells."""
    found = bytes.fromhex(text)
    if len(found) != HASH_BYTES:
        raise ValueError(text)
    return found
