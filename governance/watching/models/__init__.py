"""Tables of watching. Derived, bounded, and no evidence."""

from governance.watching.models.alarm import Alarm
from governance.watching.models.notice import MailState, Notice
from governance.watching.models.sample import HealthSample, StreamWatch
from governance.watching.models.subscription import Episode, Subscription

__all__ = ["Alarm", "Episode", "HealthSample", "MailState", "Notice", "StreamWatch", "Subscription"]
