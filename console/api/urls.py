"""The routes of the API. What is not here is a problem too, never a page."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path

from console.api.converters import register
from console.api.docs import DocsView, SchemaView
from console.api.operations import (
    bundles,
    change_steps,
    changes,
    checkpoints,
    events,
    incidents,
    jobs,
    notices,
    reliance,
    seal,
    streams,
    subscriptions,
    system_keys,
    verify,
)
from console.api.unknown import UnknownAddress

register()

_STREAM = "streams/<ns:ns>/<ns:name>/"

_EVENTS: list[URLPattern | URLResolver] = [
    path("", events.EventsRoute.as_view(), name="events"),
    path("<index:index>/", events.ShowEvent.as_view(), name="event"),
    path("<index:index>/payload/", events.ShowPayload.as_view(), name="payload"),
    path("<index:index>/receipt/", events.ShowReceipt.as_view(), name="receipt"),
    path("<index:index>/proof/", events.ShowProof.as_view(), name="proof"),
]

_CHANGES: list[URLPattern | URLResolver] = [
    path("", changes.ChangesRoute.as_view(), name="changes"),
    path("effect/", changes.ChangeEffect.as_view(), name="change-effect"),
    path("<uuid:change_id>/", changes.ShowChange.as_view(), name="change"),
    path("<uuid:change_id>/revisions/", changes.EditChange.as_view(), name="change-revisions"),
    path("<uuid:change_id>/revert/", changes.RevertChange.as_view(), name="change-revert"),
    path("<uuid:change_id>/submit/", change_steps.SubmitChange.as_view(), name="change-submit"),
    path("<uuid:change_id>/rebase/", change_steps.RebaseChange.as_view(), name="change-rebase"),
    path("<uuid:change_id>/withdraw/", change_steps.WithdrawChange.as_view(), name="change-withdraw"),
    path("<uuid:change_id>/hold/", change_steps.HoldChange.as_view(), name="change-hold"),
    path("<uuid:change_id>/release/", change_steps.ReleaseChange.as_view(), name="change-release"),
    path("<uuid:change_id>/asks/", change_steps.AskToSign.as_view(), name="change-asks"),
    path("<uuid:change_id>/incident/", change_steps.NoteIncident.as_view(), name="change-incident"),
    path("<uuid:change_id>/comments/", change_steps.CommentOnChange.as_view(), name="change-comments"),
    path("<uuid:change_id>/statement/", change_steps.ShowStatement.as_view(), name="change-statement"),
    path("<uuid:change_id>/decisions/", change_steps.TakeDecision.as_view(), name="change-decisions"),
]

_V1: list[URLPattern | URLResolver] = [
    path("streams/", streams.StreamsRoute.as_view(), name="streams"),
    path(_STREAM, streams.ShowStream.as_view(), name="stream"),
    path(f"{_STREAM}events/", include(_EVENTS)),
    path(f"{_STREAM}checkpoints/", checkpoints.ListCheckpoints.as_view(), name="checkpoints"),
    path(f"{_STREAM}consistency/", checkpoints.ShowConsistency.as_view(), name="consistency"),
    path(f"{_STREAM}windows/", checkpoints.ListWindows.as_view(), name="windows"),
    path(f"{_STREAM}windows/<index:number>/", checkpoints.ShowWindow.as_view(), name="window"),
    path(f"{_STREAM}seal/", seal.SealWindow.as_view(), name="seal"),
    path(f"{_STREAM}erasures/", notices.ErasuresRoute.as_view(), name="erasures"),
    path(f"{_STREAM}holds/", notices.HoldsRoute.as_view(), name="holds"),
    path(f"{_STREAM}holds/release/", notices.ReleaseHold.as_view(), name="hold-release"),
    path(f"{_STREAM}gaps/", notices.ListGaps.as_view(), name="gaps"),
    path(f"{_STREAM}reliance/", reliance.RelianceRoute.as_view(), name="reliance"),
    path(f"{_STREAM}terms/", notices.ShowTerms.as_view(), name="terms"),
    path("bundles/", bundles.BundlesRoute.as_view(), name="bundles"),
    path("bundles/<uuid:public_id>/", bundles.ShowBundle.as_view(), name="bundle"),
    path("bundles/<uuid:public_id>/download/", bundles.DownloadBundle.as_view(), name="bundle-download"),
    path("incidents/", incidents.IncidentsRoute.as_view(), name="incidents"),
    path("incidents/<uuid:public_id>/entries/", incidents.TendIncident.as_view(), name="incident-entries"),
    path("jobs/", jobs.ListJobs.as_view(), name="jobs"),
    path("keys/", system_keys.KeysRoute.as_view(), name="system-keys"),
    path("keys/<uuid:public_id>/", system_keys.ShowKey.as_view(), name="system-key"),
    path("keys/<uuid:public_id>/rotate/", system_keys.RotateKey.as_view(), name="system-key-rotate"),
    path("keys/<uuid:public_id>/disable/", system_keys.DisableKey.as_view(), name="system-key-disable"),
    path("subscriptions/", subscriptions.SubscriptionsRoute.as_view(), name="subscriptions"),
    path("subscriptions/<uuid:public_id>/end/", subscriptions.EndSubscription.as_view(), name="subscription-end"),
    path("notifications/", subscriptions.ListNotifications.as_view(), name="notifications"),
    path("notifications/read/", subscriptions.ReadAll.as_view(), name="notifications-read"),
    path("notifications/<uuid:public_id>/read/", subscriptions.ReadOne.as_view(), name="notification-read"),
    path("jobs/<uuid:public_id>/", jobs.ShowJob.as_view(), name="job"),
    path("changes/", include(_CHANGES)),
    path("policies/", change_steps.ShowPolicies.as_view(), name="policies"),
    path("verify/", verify.VerifyEvidence.as_view(), name="verify"),
]

app_name = "api"
urlpatterns = [
    path("v1/", include(_V1)),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", DocsView.as_view(url_name="api:schema"), name="docs"),
    re_path("", UnknownAddress.as_view(), name="unknown"),
]
