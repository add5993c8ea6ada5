from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "tachi.moderation"
    label = "moderation"
    verbose_name = "Moderation"
