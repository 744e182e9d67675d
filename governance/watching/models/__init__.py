"""Tables of watching. Derived, bounded, and no evidence."""

from governance.watching.models.alarm import Alarm
from governance.watching.models.notice import MailState, Notice
from governance.watching.models.sample import HealthSample, StreamWatch
from governance.watching.models.subscription import Episode, Subscription
from governance.watching.models.webhook import Post, Webhook

__all__ = [
    "Alarm", "Episode", "HealthSample", "MailState", "Notice", "Post", "StreamWatch", "Subscription", "Webhook",
]  # fmt: skip
