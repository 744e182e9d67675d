"""Settings: read from the environment alone, and refused where they would be unsafe.

COUNTERSIGN_ENV is `production` (also when unset), `demo` or `test`. What each variable means stands in
docs/operations.md; `manage.py` fills in what a checkout leaves out (console/supervisor/environment.py).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import dj_database_url
import structlog
from django.core.exceptions import ImproperlyConfigured

from console import configuration
from console.addresses import parse_proxies
from console.mail import mail_settings

BASE_DIR = Path(__file__).resolve().parents[1]
ENVIRONMENT = configuration.read(os.environ)
if ENVIRONMENT.problems:
    raise ImproperlyConfigured("\n".join(ENVIRONMENT.problems))

# --- ours ---------------------------------------------------------------------------------------------
COUNTERSIGN_ENV = ENVIRONMENT.mode
COUNTERSIGN_PUBLIC_NAME = ENVIRONMENT.public_name
COUNTERSIGN_SEAL_KEY: bytes = ENVIRONMENT.seal_key
COUNTERSIGN_SEAL_KEYS_BEFORE: tuple[bytes, ...] = ENVIRONMENT.seal_keys_before
COUNTERSIGN_SIGNER = ENVIRONMENT.signer
COUNTERSIGN_STATE_DIR = Path(os.environ.get("COUNTERSIGN_STATE_DIR") or BASE_DIR / "var").resolve()
COUNTERSIGN_HEAD_GUARD = ENVIRONMENT.head_guard
COUNTERSIGN_READY_MARK = os.environ.get("COUNTERSIGN_READY_MARK", "")
COUNTERSIGN_CLOCK_MARK = os.environ.get("COUNTERSIGN_CLOCK_MARK", "")
COUNTERSIGN_API_RATE, COUNTERSIGN_ANONYMOUS_RATE = ENVIRONMENT.rates
COUNTERSIGN_BACKUP_DAYS = ENVIRONMENT.backup_days
COUNTERSIGN_WEBHOOK_NETWORKS = ENVIRONMENT.webhook_networks
COUNTERSIGN_TRUSTED_PROXIES = parse_proxies(ENVIRONMENT.trusted_proxies)
COUNTERSIGN_SITE_URL = ENVIRONMENT.site_url
COUNTERSIGN_SIGN_ORIGIN = ENVIRONMENT.sign_origin
COUNTERSIGN_STEP_UP = ENVIRONMENT.step_up
COUNTERSIGN_PASSKEY_MODELS = ENVIRONMENT.passkey_models
COUNTERSIGN_MAIL = bool(ENVIRONMENT.mail_url)
COUNTERSIGN_METRICS_TOKEN = os.environ.get("COUNTERSIGN_METRICS_TOKEN", "")

# --- Django -------------------------------------------------------------------------------------------
SECRET_KEY = ENVIRONMENT.secret_key
DEBUG = ENVIRONMENT.debug
ALLOWED_HOSTS = ENVIRONMENT.allowed_hosts
CSRF_TRUSTED_ORIGINS = ENVIRONMENT.trusted_origins

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_otp",
    "django_otp_webauthn",
    "django_htmx",
    "csp",
    "django_structlog",
    "ledger",
    "governance.identity",
    "governance.evidenceos",
    "governance.change",
    "governance.watching",
    "console",
]

MIDDLEWARE = [
    "console.measuring.Measure",
    "console.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "console.middleware.SecurityHeaders",
    "csp.middleware.CSPMiddleware",
    "console.verifier_worker.VerifierWorker",
    "console.signing_host.SigningHost",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "console.request_log.RequestLog",
    "console.middleware.SharedAnswers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "console.middleware.FetchSite",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "governance.identity.middleware.SessionLimits",
    "console.sessions.KnownSessions",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "console.urls"
WSGI_APPLICATION = "console.wsgi.application"
AUTH_USER_MODEL = "identity.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "streams"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
OTP_WEBAUTHN_RP_ID = ENVIRONMENT.rp_id
OTP_WEBAUTHN_RP_NAME = f"Countersign ({COUNTERSIGN_PUBLIC_NAME})"
OTP_WEBAUTHN_ALLOWED_ORIGINS = ENVIRONMENT.passkey_origins
OTP_WEBAUTHN_ALLOW_PASSWORDLESS_LOGIN = False
OTP_WEBAUTHN_SUPPORTED_COSE_ALGORITHMS = [-8, -7]
OTP_WEBAUTHN_HELPER_CLASS = "governance.identity.passkeys.PasskeyHelper"
OTP_TOTP_ISSUER = f"Countersign ({COUNTERSIGN_PUBLIC_NAME})"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "console.context.paper",
            ],
        },
    },
]

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = False
FORMAT_MODULE_PATH = "console.formats"
USE_TZ = True

# --- database: `default` is the runtime role, which owns nothing; `owner` is there where migrations run ---
DATABASES: dict[str, Any] = {}
if ENVIRONMENT.database_url:
    DATABASES["default"] = dj_database_url.parse(ENVIRONMENT.database_url, engine="console.database", conn_max_age=0)
    DATABASES["default"]["OPTIONS"] = {
        **DATABASES["default"].get("OPTIONS", {}),
        **configuration.pool(os.environ),
    }
if ENVIRONMENT.database_owner_url:
    DATABASES["owner"] = dj_database_url.parse(ENVIRONMENT.database_owner_url, conn_max_age=0)

# --- static files: found in place and revalidated by ETag, so that an upgrade never mixes scripts ---
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 0

# --- sessions, cookies, headers -----------------------------------------------------------------------
_SECURE = not ENVIRONMENT.insecure_cookies
_PREFIX = "__Host-" if _SECURE else ""
SESSION_COOKIE_NAME = f"{_PREFIX}countersign"
SESSION_COOKIE_SECURE = _SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_COOKIE_NAME = f"{_PREFIX}countersign-csrf"
CSRF_COOKIE_SECURE = _SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "console.handlers.csrf_failed"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin-allow-popups"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = ENVIRONMENT.hsts_seconds
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.behind_proxy else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["default"],
    },
}

# --- API ----------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Countersign",
    "DESCRIPTION": (
        "A verifiable evidence ledger: append events, fetch receipts, proofs and bundles. The log in public form is"
        " served under /log/{ns}/{name}/ by C2SP tlog-tiles (https://c2sp.org/tlog-tiles). It is not part of this"
        " document: the path of a tile has slashes within one parameter, which OpenAPI cannot express."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": ["console.api.schema.finish"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
# A batch carries up to 32 MiB; the API counts bytes itself and says so with a code. This is for forms.
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024

# --- mail -----------------------------------------------------------------------------------------------
globals().update(mail_settings(ENVIRONMENT.mail_url))
DEFAULT_FROM_EMAIL = os.environ.get("COUNTERSIGN_MAIL_FROM") or f"Countersign <countersign@{COUNTERSIGN_PUBLIC_NAME}>"

# --- tasks --------------------------------------------------------------------------------------------
CELERY_BROKER_URL = ENVIRONMENT.broker_url
CELERY_BROKER_TRANSPORT_OPTIONS = configuration.broker_options(ENVIRONMENT.broker_url, COUNTERSIGN_STATE_DIR)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# --- logs: one JSON object a line on standard output ----------------------------------------------------
_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
            "foreign_pre_chain": _SHARED,
        },
    },
    "handlers": {"stdout": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stdout"}},
    "root": {"handlers": ["stdout"], "level": ENVIRONMENT.log_level},
}
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_SHARED,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
DJANGO_STRUCTLOG_USER_ID_FIELD = "public_id"
