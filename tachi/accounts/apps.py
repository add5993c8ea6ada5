from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    name = "tachi.accounts"
    label = "accounts"
    verbose_name = "Accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tachi.accounts.authentication import logged_in

        # Under the name of Django's own receiver, which saves the row and so waits for
        # whoever has it locked. Ours is there first: it is Django's that has no effect.
        user_logged_in.connect(logged_in, dispatch_uid="update_last_login")
