"""What is put where: three tenants, five streams, each with its source."""

from __future__ import annotations

from dataclasses import dataclass

from console.demo.cast import CHANGES, DECISIONS, INVENTORY


@dataclass(frozen=True)
class Place:
    """A stream of the demo and its title on the terminal."""

    namespace: str
    name: str
    title: str

    @property
    def path(self) -> str:
        """`namespace/name`, as pages, commands and the policies of var/demo.json name it."""
        return f"{self.namespace}/{self.name}"


FILES = Place(INVENTORY.slug, "python-files", "Files of Python packages")
PACKAGES = Place(INVENTORY.slug, "debian-packages", "Packages of dpkg")
COMMITS = Place(CHANGES.slug, "commits", "Commits of this checkout")
PACKAGE_LOG = Place(CHANGES.slug, "package-log", "Logs of dpkg and apt")
CODE_OR_DATA = Place(DECISIONS.slug, "code-or-data", "Decisions of the model")
PLACES = (FILES, PACKAGES, COMMITS, PACKAGE_LOG, CODE_OR_DATA)
