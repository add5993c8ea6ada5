from django.contrib.admin.apps import AdminConfig


class SiteAdminConfig(AdminConfig):
    """Django's admin, on our site."""

    default_site = "tachi.accounts.admin_site.Site"
