"""Actions: subscribing and ending a subscription, each recorded in `_governance/changes`."""
