"""What is carried away: a bundle, its tampered copy, the reader's policies, and the verifier in one file."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nacl.signing import SigningKey

from console.demo.facts import BundleFacts, StreamFacts
from console.demo.files import Files
from console.demo.founding import SEED
from console.demo.tamper import tamper
from console.demo.terminal import Terminal
from console.trust_files import head_of, trust_json, trust_policy
from ledger.selectors import bundles, jobs
from ledger.selectors.checkpoints import newest
from ledger.selectors.streams import StreamView
from ledger.services.exports import request_bundle, run_export
from ledger.single_file import build

LONGEST_SECONDS = 120
LOOK_SECONDS = 0.1
SEED_BYTES = 32


class ExportFailed(RuntimeError):
    """The bundle of the demo was not made, or does not verify."""


@dataclass(frozen=True)
class Carrier:
    """Writes the files of `files`; `entropy` gives the attacker's key."""

    files: Files
    terminal: Terminal
    entropy: Callable[[int], bytes]

    def carry(self, target: StreamView) -> BundleFacts:
        """Export the whole of `target`, tamper with a copy, and put policy and verifier beside them."""
        with self.terminal.step("Bundle, and its tampered copy", 2, "bundles") as step:
            bundle, size = self._exported(target)
            self.files.good.write_bytes(bundle)
            step.advance()
            self.files.tampered.write_bytes(tamper(bundle, SigningKey(self.entropy(SEED_BYTES))).bundle)
            step.advance()
        self.files.policy.write_bytes(trust_policy(target))
        self.files.trust.write_bytes(trust_json(target, head_of(target, size)))
        return BundleFacts(
            stream=f"{target.namespace}/{target.name}",
            good=str(self.files.good),
            tampered=str(self.files.tampered),
            policy=str(self.files.policy),
            trust=str(self.files.trust),
            verifier=str(self.files.verifier),
        )

    def verifier(self) -> None:
        """Put the verifier of this code there; one of older code is replaced."""
        self.files.verifier.write_bytes(build())

    def policies(self, streams: Sequence[StreamFacts]) -> dict[str, str]:
        """Write the reader's policy of each stream; answers their paths by `namespace/name`."""
        paths = {}
        for facts in streams:
            path = self.files.policy_of(facts["namespace"], facts["name"])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(reader_policy(facts["vkey"]))
            paths[f"{facts['namespace']}/{facts['name']}"] = str(path)
        return paths

    def _exported(self, target: StreamView) -> tuple[bytes, int]:
        """The file, and the size of its head."""
        head = newest(target)
        if head is None:
            raise ExportFailed(f"{target.namespace}/{target.name} has no checkpoint yet")
        asked, job = request_bundle(target, 0, head.size, actor=SEED.actor, disclose=True)
        run_export(job.public_id)
        give_up = time.monotonic() + LONGEST_SECONDS
        while jobs.job(job.public_id).state in {"queued", "running"} and time.monotonic() < give_up:
            time.sleep(LOOK_SECONDS)
        made = bundles.bundle(asked.public_id)
        if made.outcome != "verified":
            raise ExportFailed(f"The bundle is {made.outcome or 'not there'}: {jobs.job(job.public_id).error}")
        with bundles.open_file(made) as file:
            return file.read(), made.head_size


def reader_policy(vkey: str) -> str:
    """A C2SP tlog-policy that trusts one log key and asks for no witness."""
    return f"log {vkey}\nquorum none\n"
