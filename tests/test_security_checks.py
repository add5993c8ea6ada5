"""`check --deploy` finds what is not safe for a site, and nothing else."""

import pytest
from django.conf import settings as real_settings
from django.core.checks import run_checks

from tachi.caches import caches
from tests.commands import call

SITE = {
    "DEBUG": False,
    "SECRET_KEY": "long, random, and not in the source: 0123456789 abcdefghij",
    "ALLOWED_HOSTS": ["tachi.example"],
    "OUR_URL": "https://tachi.example",
    "CSRF_TRUSTED_ORIGINS": ["https://tachi.example"],
    "CACHES": caches("redis://127.0.0.1:6379/0"),
    "BEHIND_PROXY": True,
    "NUM_PROXIES": 1,
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 31_536_000,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    "SECURE_HSTS_PRELOAD": True,
}
OF_EACH_PROCESS = caches("")
IN_A_TABLE = caches("database://counters")


@pytest.fixture
def found(settings):
    def found_with(deploy=True, **changes):
        for name, value in {**SITE, **changes}.items():
            setattr(settings, name, value)
        return {
            message.id
            for message in run_checks(include_deployment_checks=deploy)
            if message.id.startswith(("tachi.", "security."))
        }

    return found_with


def test_a_site_that_is_safe_is_not_complained_about(found):
    assert found() == set()


@pytest.mark.parametrize(
    ("changes", "id"),
    [
        ({"SECRET_KEY": real_settings.INSECURE_SECRET_KEY}, "tachi.E001"),
        ({"SECRET_KEY": "too short"}, "security.W009"),
        ({"RATE_LIMITS": False}, "tachi.W001"),
        ({"DEBUG": True}, "tachi.W002"),
        ({"DEBUG": True}, "security.W018"),
        ({"CACHES": OF_EACH_PROCESS}, "tachi.W003"),
        ({"NUM_PROXIES": 0}, "tachi.W004"),
        ({"BEHIND_PROXY": False, "SECURE_SSL_REDIRECT": False}, "tachi.W004"),
        ({"BEHIND_PROXY": False, "NUM_PROXIES": 0}, "tachi.W005"),
        ({"CSRF_TRUSTED_ORIGINS": ["HTTP://tachi.example"]}, "tachi.W006"),
        ({"ALLOWED_HOSTS": ["*"]}, "tachi.W007"),
        ({"SESSION_COOKIE_SECURE": False}, "security.W012"),
        ({"CSRF_COOKIE_SECURE": False}, "security.W016"),
        ({"SECURE_SSL_REDIRECT": False}, "security.W008"),
        ({"SECURE_HSTS_SECONDS": 0}, "security.W004"),
    ],
)
def test_each_unsafe_setting_is_found(found, changes, id):
    assert id in found(**changes)


def test_a_table_for_counts_is_fine_but_in_sqlite(found, settings):
    expected = {"tachi.W008"} if "sqlite" in engine(settings) else set()
    assert found(CACHES=IN_A_TABLE) == expected


def engine(settings):
    return settings.DATABASES["default"]["ENGINE"]


@pytest.mark.django_db
def test_who_migrates_is_told_of_a_missing_table_for_counts(settings):
    def ids():
        return [each.id for each in run_checks(databases=["default"])]

    assert "tachi.W009" not in ids()
    settings.CACHES = IN_A_TABLE
    assert "tachi.W009" in ids()

    call("createcachetable")

    assert "tachi.W009" not in ids()


def test_on_a_developers_machine_nothing_is_said(found):
    """But with --deploy, and where a public host is named."""
    at_home = {
        "DEBUG": True,
        "SECRET_KEY": real_settings.INSECURE_SECRET_KEY,
        "ALLOWED_HOSTS": ["*"],
        "CACHES": OF_EACH_PROCESS,
        "CSRF_TRUSTED_ORIGINS": ["http://127.0.0.1:8080"],
        "BEHIND_PROXY": False,
        "NUM_PROXIES": 0,
    }
    assert found(deploy=False, **at_home, OUR_URL="http://localhost:8000") == set()
    assert found(deploy=False, **at_home, OUR_URL="http://192.0.2.1") == {"tachi.W002"}
