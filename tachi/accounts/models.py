"""Who submits scores: users, and the API tokens that act for them."""

import hashlib
import secrets
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F
from django.db.models.functions import Lower
from django.utils import timezone

USERNAME = r"^[a-zA-Z_-][a-zA-Z0-9_-]{2,20}$"


class Permission(models.TextChoices):
    """What a token may do; the complete set that clients know (a closed enum)."""

    CUSTOMISE_PROFILE = "customise_profile"
    CUSTOMISE_SCORE = "customise_score"
    CUSTOMISE_SESSION = "customise_session"
    DELETE_SCORE = "delete_score"
    MANAGE_CHALLENGES = "manage_challenges"
    MANAGE_RIVALS = "manage_rivals"
    MANAGE_TARGETS = "manage_targets"
    SUBMIT_SCORE = "submit_score"


class AuthLevel(models.IntegerChoices):
    BANNED = 0
    USER = 1
    MODERATOR = 2
    ADMIN = 3


class ChangeNumber(models.PositiveBigIntegerField):
    """A count of changes, which `save` leaves as it is in the database.

    A user that was read before a change and is saved after it would take it back.
    """

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return super().pre_save(model_instance, add) if add else F(self.attname)


class Users(UserManager["User"]):
    def named(self, name: str) -> "User | None":
        """The user of that name, whatever the case of its letters."""
        return self.alias(name=Lower("username")).filter(name=name.lower()).first()

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.alias(name=Lower("username")).get(name=(username or "").lower())


class User(AbstractUser):
    """A player. `auth_level` is what the API goes by; staff flags open the admin."""

    username = models.CharField(
        max_length=21,
        unique=True,
        validators=[
            RegexValidator(
                USERNAME,
                "3 to 21 letters, digits, - or _; the first is not a digit.",
            )
        ],
    )
    auth_level = models.PositiveSmallIntegerField(
        choices=AuthLevel, default=AuthLevel.USER
    )
    about = models.TextField(blank=True)
    status = models.CharField(max_length=140, blank=True)
    discord = models.CharField(max_length=140, blank=True, default="")
    github = models.CharField(max_length=140, blank=True, default="")
    steam = models.CharField(max_length=140, blank=True, default="")
    twitch = models.CharField(max_length=140, blank=True, default="")
    twitter = models.CharField(max_length=140, blank=True, default="")
    youtube = models.CharField(max_length=140, blank=True, default="")
    last_seen = models.DateTimeField(default=timezone.now)
    change_number = ChangeNumber(
        default=0,
        editable=False,
        help_text="how often scores, sessions or imports may have changed",
    )

    objects: ClassVar[Users] = Users()

    class Meta(AbstractUser.Meta):
        permissions = [("ban_user", "Can ban users and lift bans")]
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="user_name_any_case",
                violation_error_message="There is a user of that name already: "
                "whether letters are large or small makes no difference.",
            ),
            models.CheckConstraint(
                condition=models.Q(auth_level__in=AuthLevel.values),
                name="user_auth_level_known",
                violation_error_message="That is no level that a user can have.",
            ),
        ]

    @property
    def is_banned(self) -> bool:
        return self.auth_level == AuthLevel.BANNED

    @property
    def is_admin(self) -> bool:
        return self.auth_level == AuthLevel.ADMIN

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """A ban is a ban from the admin, too."""
        return not self.is_banned and super().has_perm(perm, obj)

    def has_module_perms(self, app_label: str) -> bool:
        return not self.is_banned and super().has_module_perms(app_label)


class UserSettings(models.Model):
    """What a user has set for the site; there is no row until something is set.

    Who is `invisible` is not seen: `last_seen` stays as it is. The others mean
    something to clients only.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="settings")
    invisible = models.BooleanField(default=False)
    developer_mode = models.BooleanField(default=False)
    advanced_mode = models.BooleanField(default=False)
    contentious_content = models.BooleanField(default=False)
    deletable_scores = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "user settings"

    def __str__(self) -> str:
        return f"settings of user {self.user_id}"


#: How many of a token's first digits are kept, to recognise it by.
PREFIX_LENGTH = 8


def digest(token: str) -> str:
    """What is stored of a token: SHA-256, hex."""
    return hashlib.sha256(token.encode()).hexdigest()


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def issue(
        self, user: User, permissions: list[str], identifier: str = "Custom Token"
    ) -> "tuple[ApiToken, str]":
        """A new token and its 40 hex digits, which are shown this once and not kept."""
        secret = secrets.token_hex(20)
        token = self.create(
            user=user,
            digest=digest(secret),
            prefix=secret[:PREFIX_LENGTH],
            identifier=identifier,
            permissions=sorted(set(permissions)),
        )
        return token, secret

    def live(self) -> "ApiTokenQuerySet":
        return self.filter(revoked_at=None)


class ApiToken(models.Model):
    """A key that acts for a user, within its permissions.

    Only a hash is stored. A revoked token stays, so that imports keep saying which
    token brought them.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64)
    prefix = models.CharField(max_length=PREFIX_LENGTH, help_text="its first digits")
    identifier = models.CharField(max_length=80)
    permissions = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "API token"
        permissions = [("revoke_token", "Can revoke API tokens")]
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="token_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.identifier})"
