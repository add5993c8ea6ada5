"""What users say of themselves: their profile, which only they edit."""

from collections.abc import Iterable, Mapping

from tachi.accounts.models import User

#: Where each site has its users; who copies an address means what comes after that.
SITES: dict[str, tuple[str, ...]] = {
    "discord": (),
    "github": ("github.com/",),
    "steam": ("steamcommunity.com/id/", "steamcommunity.com/profiles/"),
    "twitch": ("twitch.tv/",),
    "twitter": ("twitter.com/@", "twitter.com/", "x.com/@", "x.com/"),
    "youtube": ("youtube.com/user/", "youtube.com/channel/", "youtube.com/@"),
}
BEFORE = ("https://", "http://"), ("www.", "m.")


def edit_profile(user: User, said: Mapping[str, str | None]) -> None:
    """Change `about`, `status` and names on other sites; null takes one away.

    An address of one of those sites becomes the name in it.
    """
    for field, value in said.items():
        setattr(user, field, name_on(field, (value or "").strip()))
    user.save(update_fields=list(said))


def name_on(field: str, value: str) -> str:
    """The name in an address of the field's site; what is none stays as it is."""
    address = value
    for prefixes in BEFORE:
        address = _without(address, prefixes)
    name = _without(address, SITES.get(field, ()))
    return value if name == address else name.rstrip("/")


def _without(value: str, prefixes: Iterable[str]) -> str:
    """What comes after the first of the prefixes that it has, in any case."""
    for prefix in prefixes:
        if value.lower().startswith(prefix):
            return value[len(prefix) :]
    return value
