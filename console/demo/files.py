"""Where the demo keeps its files: everything below the state directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ledger.single_file import FILE_NAME


@dataclass(frozen=True)
class Files:
    """Paths below `state` (var/ of the checkout, unless set otherwise)."""

    state: Path

    @property
    def facts(self) -> Path:
        """What scripts read."""
        return self.state / "demo.json"

    @property
    def folder(self) -> Path:
        """What is carried away, and what the seed needs to go on."""
        return self.state / "demo"

    @property
    def secret(self) -> Path:
        """From which passwords and tokens are derived."""
        return self.folder / "secret"

    @property
    def recovery(self) -> Path:
        """Sealed recovery keys, a file a stream."""
        return self.folder / "recovery"

    @property
    def keys(self) -> Path:
        """Encrypted key files of the founders, one each."""
        return self.folder / "keys"

    @property
    def directory(self) -> Path:
        """A data directory of EvidenceOS."""
        return self.folder / "evidenceos"

    @property
    def model(self) -> Path:
        """The model that made the decisions."""
        return self.folder / "model.json"

    @property
    def good(self) -> Path:
        """The bundle."""
        return self.folder / "bundle.tar.gz"

    @property
    def tampered(self) -> Path:
        """The bundle with one character changed."""
        return self.folder / "tampered.tar.gz"

    @property
    def verifier(self) -> Path:
        """The verifier in one file."""
        return self.folder / FILE_NAME

    @property
    def policy(self) -> Path:
        """The reader's policy for the bundle's stream."""
        return self.folder / "trust.policy"

    @property
    def trust(self) -> Path:
        """What the reader remembers of the bundle's stream: genesis and head."""
        return self.folder / "trust.json"

    def policy_of(self, namespace: str, name: str) -> Path:
        """The reader's policy for any stream."""
        return self.folder / "policies" / f"{namespace}.{name}.policy"
