"""One file per aggregate of governed data directories."""

from governance.evidenceos.models.adoption import Adoption
from governance.evidenceos.models.artefact import Artefact
from governance.evidenceos.models.canary_sample import CanarySample
from governance.evidenceos.models.plan import Effective, Plan, PlanState, Seen
from governance.evidenceos.models.sighting import Found, Sighting
from governance.evidenceos.models.target import Reload, Target

__all__ = [
    "Adoption",
    "Artefact",
    "CanarySample",
    "Effective",
    "Found",
    "Plan",
    "PlanState",
    "Reload",
    "Seen",
    "Sighting",
    "Target",
]
