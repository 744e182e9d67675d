"""Addresses of the pages."""

from __future__ import annotations

from django.urls import path, register_converter

from console.views import (
    account,
    bundles,
    checkpoints,
    components,
    events,
    exports,
    first_event,
    health,
    jobs,
    keys,
    notifications,
    overview,
    paper,
    preferences,
    search,
    signing_in,
    store_jobs,
    stream_keys,
    streams,
    trust,
    windows,
)
from console.views.converters import LeafIndexConverter, NameConverter

register_converter(NameConverter, "name")
register_converter(LeafIndexConverter, "leaf")

_STREAM = "streams/<name:namespace>/<name:name>/"

urlpatterns = [
    path("", overview.index, name="overview"),
    path("login/", signing_in.password, name="login"),
    path("login/code/", signing_in.second_factor, name="login-otp"),
    path("logout/", signing_in.sign_out, name="logout"),
    path("account/", account.index, name="account"),
    path("account/sessions/end/", account.end_sessions, name="end-sessions"),
    path("account/shortcuts/", preferences.shortcuts, name="shortcuts"),
    path("paper/", paper.choose, name="theme"),
    path("search/", search.index, name="search"),
    path("components/", components.index, name="components"),
    path("streams/", streams.index, name="streams"),
    path(_STREAM, streams.detail, name="stream"),
    path(f"{_STREAM}seal/", streams.seal, name="stream-seal"),
    path(f"{_STREAM}health/", health.index, name="stream-health"),
    path(f"{_STREAM}first-event/", first_event.index, name="first-event"),
    path(f"{_STREAM}first-event/state/", first_event.state, name="first-event-state"),
    path(f"{_STREAM}trust-sheet/", trust.sheet, name="trust-sheet"),
    path(f"{_STREAM}trust-sheet/trust.policy", trust.policy, name="trust-policy"),
    path(f"{_STREAM}trust-sheet/trust.json", trust.trust, name="trust-json"),
    path(f"{_STREAM}export/", exports.form, name="export"),
    path(f"{_STREAM}export/count/", exports.count, name="export-count"),
    path(f"{_STREAM}events/", events.index, name="events"),
    path(f"{_STREAM}events/<leaf:index>/", events.detail, name="event"),
    path(f"{_STREAM}events/<leaf:index>/proof/", events.proof, name="event-proof"),
    path(f"{_STREAM}windows/", windows.index, name="windows"),
    path(f"{_STREAM}windows/<leaf:number>/", windows.detail, name="window"),
    path(f"{_STREAM}checkpoints/", checkpoints.index, name="checkpoints"),
    path(f"{_STREAM}checkpoints/<leaf:size>/", checkpoints.detail, name="checkpoint"),
    path(f"{_STREAM}keys/", stream_keys.index, name="stream-keys"),
    path("bundles/", bundles.index, name="bundles"),
    path("bundles/<uuid:public_id>/", bundles.detail, name="bundle"),
    path("bundles/<uuid:public_id>/download/", bundles.download, name="bundle-download"),
    path(f"{_STREAM}verify/", store_jobs.verify, name="stream-verify"),
    path(f"{_STREAM}import/", store_jobs.import_file, name="stream-import"),
    path("jobs/", jobs.index, name="jobs"),
    path("jobs/<uuid:public_id>/cancel/", jobs.cancel, name="job-cancel"),
    path("jobs/<uuid:public_id>/", jobs.detail, name="job"),
    path("jobs/<uuid:public_id>/bar/", jobs.bar, name="job-bar"),
    path("notifications/", notifications.index, name="notifications"),
    path("notifications/read/", notifications.read, name="notifications-read"),
    path("notifications/<uuid:public_id>/read/", notifications.read_one, name="notification-read"),
    path("subscriptions/", notifications.subscriptions, name="subscriptions"),
    path("subscriptions/<uuid:public_id>/end/", notifications.end, name="subscription-end"),
    path("client/", first_event.client, name="client"),
    path("keys/", keys.index, name="keys"),
    path("keys/new/", keys.new, name="key-new"),
    path("keys/<uuid:public_id>/", keys.detail, name="key"),
    path("keys/<uuid:public_id>/rotate/", keys.rotate, name="key-rotate"),
    path("keys/<uuid:public_id>/disable/", keys.disable, name="key-disable"),
    path("verifier/", trust.verifier, name="verifier"),
]
