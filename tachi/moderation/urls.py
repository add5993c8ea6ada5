"""Notifications: under /api/v1."""

from tachi.api.routes import Router
from tachi.moderation import views

api_v1 = Router()
api_v1.register("users/<user>", views.NotificationViewSet)
