"""Settings, read from the environment; the defaults boot from a fresh checkout.

docs/operating.md lists every variable. A malformed value fails at once and loudly;
what is well-formed but unwise is found by the system checks in `tachi.checks`.
"""

import os
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def text(name: str, default: str = "") -> str:
    return os.environ.get(name) or default


def boolean(name: str, default: bool) -> bool:
    value = text(name, "on" if default else "off").lower()
    if value not in {"on", "off", "true", "false", "1", "0"}:
        raise ImproperlyConfigured(f"{name} has to be on or off, not {value!r}.")
    return value in {"on", "true", "1"}


def number(name: str, default: float) -> float:
    value = text(name, str(default))
    try:
        parsed = float(value)
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} has to be a number, not {value!r}."
        ) from None
    return int(parsed) if parsed.is_integer() else parsed


def database(url: str) -> dict[str, Any]:
    engines = {"django.db.backends.sqlite3", "django.db.backends.postgresql"}
    try:
        parsed = dict(
            dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True)
        )
    except ValueError:
        parsed = {}
    if parsed.get("ENGINE") not in engines:
        scheme = url.partition(":")[0]  # the rest may hold a password
        raise ImproperlyConfigured(
            f"DATABASE_URL has to start with sqlite:// or postgres://, not {scheme!r}."
        )
    return parsed


# The site

SERVER_NAME = text("SERVER_NAME", "Tachi")
SERVER_TYPE = text("SERVER_TYPE", "omni")  # kamai, boku or omni
VERSION = "2.5.2"
OUR_URL = text("OUR_URL").rstrip("/")  # empty: the address that was asked
DEBUG = boolean("DEBUG", True)
INSECURE_SECRET_KEY = "insecure-and-only-for-a-checkout-on-your-own-machine"
SECRET_KEY = text("SECRET_KEY", INSECURE_SECRET_KEY)
ALLOWED_HOSTS = text("ALLOWED_HOSTS", "*" if DEBUG else "").split()
CSRF_TRUSTED_ORIGINS = text("CSRF_TRUSTED_ORIGINS").split()

INSTALLED_APPS = [
    "tachi",
    "tachi.accounts",
    "tachi.jobs",
    "imports",
    "scores",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_q",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "imports.middleware.ErrorKey",
    "tachi.api.middleware.ApiMiddleware",
    "scores.middleware.WaitBriefly",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
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
SESSION_COOKIE_NAME = f"{SERVER_NAME.replace(' ', '_')}_SESSION"
SESSION_COOKIE_AGE = 31_540_000  # seconds: about a year
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"  # the API's only defence against forged requests
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SECURE_SSL_REDIRECT = boolean("SECURE_SSL_REDIRECT", not DEBUG)
SECURE_REDIRECT_EXEMPT = [r"(?i)^(api/v1|ir|cdn)/"]  # hooks do not follow redirects
SECURE_HSTS_SECONDS = number("SECURE_HSTS_SECONDS", 0 if DEBUG else 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEBUG
if boolean("BEHIND_PROXY", not DEBUG):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# How many proxies of ours stand in front: whose X-Forwarded-For is believed.
NUM_PROXIES = int(number("NUM_PROXIES", 0 if DEBUG else 1))

# Where things are kept

VAR_DIR = BASE_DIR / "var"
DATABASE_URL = text("DATABASE_URL", f"sqlite:///{VAR_DIR / 'tachi.sqlite3'}")
DATABASES = {"default": database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
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
CACHES = {
    "default": {
        # Rate limits are counted per process here; name a shared cache to share them.
        "BACKEND": text(
            "CACHE_BACKEND", "django.core.cache.backends.locmem.LocMemCache"
        ),
        "LOCATION": text("CACHE_LOCATION"),
        "max_entries": 100_000,
    },
    "documents": {  # of completed imports, for who polls them; each process has its own
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "documents",
        "TIMEOUT": 60,  # seconds
        "OPTIONS": {"MAX_ENTRIES": 1_000},
    },
}
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
    "NUM_PROXIES": NUM_PROXIES,
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
RATE_LIMIT = int(number("RATE_LIMIT", 500))  # requests a minute from one address

# Imports

IMPORT_INLINE = boolean("IMPORT_INLINE", False)  # run in the request: 200, no worker
MAX_ROWS = int(number("MAX_ROWS", 100_000))  # of one import
IMPORT_LEASE_SECONDS = number("IMPORT_LEASE_SECONDS", 30)
IMPORT_ATTEMPTS = int(number("IMPORT_ATTEMPTS", 3))
# How many unfinished imports a user may have; beyond that 429.
MAX_UNFINISHED_UPLOADS = int(number("MAX_UNFINISHED_UPLOADS", 100))
MAX_UNFINISHED_FROM_HOOKS = int(number("MAX_UNFINISHED_FROM_HOOKS", 2000))
# How many players make a BMS or PMS chart that nobody knows, by playing it.
BEATORAJA_QUEUE_SIZE = int(number("BEATORAJA_QUEUE_SIZE", 3))
MAX_REPLAY_BYTES = int(number("MAX_REPLAY_BYTES", 500 * 1024 * 1024))  # of a player
REQUEST_WAIT_SECONDS = number("REQUEST_WAIT_SECONDS", 1)  # for locks, then 409
REVERT_WAIT_SECONDS = number("REVERT_WAIT_SECONDS", 10)  # a command, for locks
RESTORE_DAYS = number("RESTORE_DAYS", 30)  # how long a reverted import can come back
INPUT_DAYS = number("INPUT_DAYS", 30)  # how long what was sent is kept

#: The functions that the cluster runs; whatever else is in the queue is dropped.
CLUSTER_TASKS = {
    "imports.tasks.run_import",
    "imports.tasks.purge",
    "tachi.jobs.tasks.run_job",
}
#: Kinds of jobs, and the function that takes a step of one.
JOBS = {"orphans": "imports.orphans.step", "rerate": "scores.derived.waiting.step"}
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

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": []},  # through the root, and once
        "django-q": {"level": "WARNING"},  # else three lines for every import
        "waitress.queue": {"level": "ERROR"},  # else a line for each that has to wait
    },
}
