from django.apps import AppConfig


class TachiConfig(AppConfig):
    """The site as a whole: registers the system checks of its settings."""

    name = "tachi"

    def ready(self) -> None:
        import tachi.checks  # noqa: F401 - importing a check registers it
