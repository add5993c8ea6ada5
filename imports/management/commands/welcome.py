"""What `make run` prints. An empty database gets something to try things out with."""

import secrets

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from scores.models import Song
from tachi.accounts.models import ApiToken, AuthLevel, Permission, User

SAMPLE = "scores/sample"
TEXT = """
{name} runs at {url}
The admin is at {url}/admin/
{account}
Import the sample's scores, and look at what came of it:

  curl -H "Authorization: Bearer {token}" -H "X-User-Intent: true" \\
    -F importType=file/batch-manual \\
    -F scoreData=@{sample}/batch-manual-sdvx.json {url}/api/v1/import/file
  curl {url}/api/v1/imports

Ctrl-C ends it.
"""
NEW_ACCOUNT = """
User:     {username}
Password: {password}
Token:    {token}
(shown this once)
"""
HAD_ACCOUNT = """
A new token for a user: .venv/bin/python manage.py create_token USER \\
  --permission submit_score --permission delete_score
"""


class Command(BaseCommand):
    help = "Prepare an empty database for trying things out, and say where to go."

    def add_arguments(self, parser):
        parser.add_argument("url", help="where the site is going to be")

    def handle(self, *, url, **options):
        if not Song.objects.exists():
            call_command("load_seeds", settings.BASE_DIR / SAMPLE, verbosity=0)
        account, token = HAD_ACCOUNT, "TOKEN"
        if not User.objects.exists():
            account, token = new_account()
        self.stdout.write(
            TEXT.format(
                name=settings.SERVER_NAME,
                url=url,
                account=account,
                token=token,
                sample=SAMPLE,
            )
        )


def new_account() -> tuple[str, str]:
    """An administrator with a token for everything: what to print, and the token."""
    password = secrets.token_urlsafe(9)
    user = User.objects.create_superuser(
        "demo", password=password, auth_level=AuthLevel.ADMIN
    )
    _, token = ApiToken.objects.issue(user, Permission.values, "make run")
    text = NEW_ACCOUNT.format(username=user.username, password=password, token=token)
    return text, token
