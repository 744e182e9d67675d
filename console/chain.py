"""The chain of seals: how far evidence has come on its way to being believable."""

from __future__ import annotations

from dataclasses import dataclass

STEPS = ("received", "windowed", "checkpointed", "witnessed", "anchored", "bundled")


@dataclass(frozen=True, slots=True)
class Seal:
    """One step: its state, the word told with it, its age or why there is none, where its proof is."""

    name: str
    state: str
    word: str
    age: str = ""
    href: str = ""

    @property
    def linked(self) -> bool:
        """Whether the step was reached and holds."""
        return self.state == "pass"


def furthest(seals: tuple[Seal, ...]) -> str:
    """The last step reached without a gap; `nothing` before the first."""
    reached = "nothing"
    for seal in seals:
        if not seal.linked:
            break
        reached = seal.name
    return reached
