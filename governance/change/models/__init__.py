"""One file per aggregate of governed change."""

from governance.change.models.change import Change
from governance.change.models.containment import Freeze, Incident, IncidentEntry
from governance.change.models.policy import PolicyVersion
from governance.change.models.revision import Revision
from governance.change.models.talk import Ask, Comment, Hold
from governance.change.models.telling import Telling
from governance.change.models.word import IssuedStatement, Word

__all__ = [
    "Ask",
    "Change",
    "Comment",
    "Freeze",
    "Hold",
    "Incident",
    "IncidentEntry",
    "IssuedStatement",
    "PolicyVersion",
    "Revision",
    "Telling",
    "Word",
]
