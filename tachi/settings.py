"""Settings, read from the environment; the defaults boot from a fresh checkout.

docs/operating.md lists every variable. A malformed value fails at once and loudly;
what is well-formed but unwise is found by the system checks in `tachi.checks`.
"""

from pathlib import Path
from typing import Any

from tachi.caches import caches
from tachi.environment import boolean, database, number, pairs, secret_key, text
from tachi.logs import logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent

# The site

SERVER_NAME = text("SERVER_NAME", "Tachi")
SERVER_TYPE = text("SERVER_TYPE", "omni")  # kamai, boku or omni
VERSION = "2.5.2"
OUR_URL = text("OUR_URL").rstrip("/")  # empty: the address that was asked
DEBUG = boolean("DEBUG", True)
INSECURE_SECRET_KEY = "insecure-and-only-for-a-checkout-on-your-own-machine"
SECRET_KEY = secret_key(DEBUG, INSECURE_SECRET_KEY)
ALLOWED_HOSTS = text("ALLOWED_HOSTS", "*" if DEBUG else "").split()
CSRF_TRUSTED_ORIGINS = text("CSRF_TRUSTED_ORIGINS").split()
CSRF_FAILURE_VIEW = "imports.pages.refused.forged"

INSTALLED_APPS = [
    "tachi",
    "tachi.accounts",
    "tachi.moderation",
    "tachi.jobs",
    "imports",
    "scores",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_q",
    "csp",
    "tachi.admin.apps.SiteAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "tachi.health.middleware.Observe",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "imports.middleware.ErrorKey",
    "tachi.api.middleware.ApiMiddleware",
    "tachi.api.debug.WarnOfDebug",
    "csp.middleware.CSPMiddleware",
    "tachi.admin.pages.Pages",
    "imports.pages.outage.Outage",
    "scores.middleware.WaitBriefly",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "imports.pages.middleware.Refusals",
]
ROOT_URLCONF = "tachi.urls"
WSGI_APPLICATION = "tachi.wsgi.application"
APPEND_SLASH = False  # a redirected POST loses its body: both forms are routed
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "tachi/admin/templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Who is asking

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_ENGINE = "tachi.accounts.session_store"
SESSION_COOKIE_NAME = f"{SERVER_NAME.replace(' ', '_')}_SESSION"
SESSION_COOKIE_AGE = 31_540_000  # seconds: about a year
ADMIN_SESSION_HOURS = number("ADMIN_SESSION_HOURS", 12)  # then: the password again
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"  # of one site are all ports, too: tachi.api.origins
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SECURE_SSL_REDIRECT = boolean("SECURE_SSL_REDIRECT", not DEBUG)
# Hooks do not follow redirects. A password is not read from plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"(?i)^(?!api/v1/auth/login/?\s*$)(api/v1|ir|cdn)(/|$)"]
SECURE_HSTS_SECONDS = number("SECURE_HSTS_SECONDS", 0 if DEBUG else 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEBUG
# How many proxies of ours stand in front: whose X-Forwarded-For is believed.
BEHIND_PROXY = boolean("BEHIND_PROXY", not DEBUG)
NUM_PROXIES = int(number("NUM_PROXIES", 1 if BEHIND_PROXY else 0))
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Pages load what is ours, from files: no script and no style within a page runs.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# Where things are kept

VAR_DIR = BASE_DIR / "var"
DATABASE_URL = text("DATABASE_URL", f"sqlite:///{VAR_DIR / 'tachi.sqlite3'}")
DATABASES = {"default": database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ON_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if ON_SQLITE:
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    # Web and worker are two processes that write to one file.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    # A worker that waits inside the driver does not see its own time-out.
    patience = int(number("STATEMENT_TIMEOUT_MS", 300_000))
    DATABASES["default"]["OPTIONS"] = {
        "options": f"-c statement_timeout={patience}",
        "connect_timeout": 10,  # seconds
        "tcp_user_timeout": 60_000,  # milliseconds until a silent host counts as gone
    }
CACHES = caches(text("CACHE_URL"))
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
USE_TZ = True
TIME_ZONE = "UTC"

# The API

DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024  # a JSON body
MAX_UPLOAD_BYTES = 16 * 1024 * 1024  # a score file
FILE_UPLOAD_MAX_MEMORY_SIZE = MAX_UPLOAD_BYTES
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tachi.accounts.authentication.CookieOrToken"],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["tachi.api.rendering.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "tachi.api.rendering.OnlyJSON",
    "DEFAULT_PARSER_CLASSES": ["tachi.api.parsing.JSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["tachi.api.throttles.Normal"],
    "DEFAULT_SCHEMA_CLASS": "tachi.api.openapi.inspector.Inspector",
    "EXCEPTION_HANDLER": "tachi.api.envelope.exception_handler",
    "NUM_PROXIES": NUM_PROXIES if BEHIND_PROXY else 0,
}
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "TITLE": f"{SERVER_NAME} API",
    "VERSION": VERSION,
    "DEFAULT_GENERATOR_CLASS": "tachi.api.openapi.generator.Generator",
    "POSTPROCESSING_HOOKS": ["tachi.openapi.complete"],
    "SERVE_AUTHENTICATION": [],
}
RATE_LIMITS = boolean("RATE_LIMITS", True)
# Requests a minute from one address, and as many with one token.
RATE_LIMIT = int(number("RATE_LIMIT", 500))

# Imports

IMPORT_INLINE = boolean("IMPORT_INLINE", False)  # run in the request: 200, no worker
MAX_ROWS = int(number("MAX_ROWS", 100_000))  # of one import
PREVIEW_ROWS = int(number("PREVIEW_ROWS", 5000))  # beyond: outcomes, and no changes
IMPORT_LEASE_SECONDS = number("IMPORT_LEASE_SECONDS", 30)
IMPORT_ATTEMPTS = int(number("IMPORT_ATTEMPTS", 3))
# How many unfinished imports a user may have; beyond that 429.
MAX_UNFINISHED_UPLOADS = int(number("MAX_UNFINISHED_UPLOADS", 100))
MAX_UNFINISHED_FROM_HOOKS = int(number("MAX_UNFINISHED_FROM_HOOKS", 2000))
MAX_BYTES_A_DAY = int(number("MAX_BYTES_A_DAY", 256 * 1024 * 1024))  # of a user: 429
# How many players make a BMS or PMS chart that nobody knows, by playing it.
BEATORAJA_QUEUE_SIZE = int(number("BEATORAJA_QUEUE_SIZE", 3))
# Percent of a game's charts that a seed file may lack, which are retired then.
SEEDS_MOST_MISSING = number("SEEDS_MOST_MISSING", 20)
MAX_REPLAY_BYTES = int(number("MAX_REPLAY_BYTES", 500 * 1024 * 1024))  # of a player
REQUEST_WAIT_SECONDS = number("REQUEST_WAIT_SECONDS", 1)  # for locks, then 409
REVERT_WAIT_SECONDS = number("REVERT_WAIT_SECONDS", 10)  # a command, for locks
# Of imports that a request tries to undo. On SQLite it holds the one lock to write.
PREVIEW_SCORES = int(number("PREVIEW_SCORES", 1000 if ON_SQLITE else 5000))
RESTORE_DAYS = number("RESTORE_DAYS", 30)  # how long a reverted import can come back
INPUT_DAYS = number("INPUT_DAYS", 30)  # how long what was sent is kept
# Scores of a batch of reverts: beyond, it needs a reason and the number of imports.
BATCH_LARGE_SCORES = int(number("BATCH_LARGE_SCORES", 1000))
NOTIFICATION_DAYS = number("NOTIFICATION_DAYS", 90)  # how long, once it was read
# Builds of IIDX beside `imports.formats.fervidex_software`: 2026010100:A=33 ...
FERVIDEX_VERSIONS = pairs("FERVIDEX_VERSIONS")

#: The functions that the cluster runs; whatever else is in the queue is dropped.
CLUSTER_TASKS = {
    "imports.tasks.run_import",
    "imports.tasks.purge",
    "imports.tasks.try_orphans",
    "imports.tasks.take_snapshots",
    "tachi.jobs.tasks.run_job",
}
#: Kinds of jobs, and the function that takes a step of one.
JOBS = {
    "orphans": "imports.orphans.step",
    "orphans-of-changed-charts": "imports.everybodys_orphans.step",
    "all-orphans": "imports.everybodys_orphans.step",
    "rerate": "scores.derived.waiting.step",
    "revert-batches": "imports.batches.step.step",
    "snapshots": "scores.snapshots.step",
}
#: What finds the scores of a player that do not say what all imports claim together.
CLAIMED = "imports.composing.uncomposed"
#: The kinds that every change of charts asks for, in its transaction.
JOBS_AFTER_CHARTS = ("orphans-of-changed-charts",)
Q_CLUSTER: dict[str, Any] = {
    "name": "imports",
    "orm": "default",
    "broker_class": "imports.queue.broker.OwnTasksBroker",
    "workers": int(number("WORKERS", 2)),
    # The queue only wakes workers; the Import row is the truth. A task that takes
    # longer than `timeout` is killed, so that is far above the longest import, and
    # `retry` is above it, or django-q2 would run a slow task twice.
    "timeout": int(number("TASK_TIMEOUT_SECONDS", 1800)),
    "retry": int(number("TASK_RETRY_SECONDS", 2100)),
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    "queue_limit": 1,
    "bulk": 1,
    "poll": 0.01,  # seconds between two polls; the broker adds some when it is idle
    "save_limit": 0,
    "label": "Background tasks",
}

# What an operator sees

DEFAULT_EXCEPTION_REPORTER_FILTER = "tachi.error_reports.ReportFilter"
QUEUE_WAIT_SECONDS = number("QUEUE_WAIT_SECONDS", 300)  # beyond that: not ready
METRICS = boolean("METRICS", False)  # /metrics, for Prometheus
METRICS_TOKEN = text("METRICS_TOKEN")  # if set, whoever asks for them needs it
METRICS_DIR = Path(text("METRICS_DIR", str(VAR_DIR / "metrics")))
LOGGING = logging_settings(text("LOG_FORMAT", "text"), text("LOG_LEVEL", "INFO"))
