from django.apps import AppConfig


class TachiConfig(AppConfig):
    """The site as a whole: registers the system checks of its settings."""

    name = "tachi"

    def ready(self) -> None:
        # Importing a check registers it.
        import tachi.checks
        import tachi.security_checks  # noqa: F401
