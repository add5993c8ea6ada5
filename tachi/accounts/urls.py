"""Users, their tokens and sessions: under /api/v1."""

from tachi.accounts import views
from tachi.api.routes import Router

api_v1 = Router()
api_v1.route("status", views.status)
api_v1.route("auth/login", views.login)
api_v1.route("auth/logout", views.logout)
api_v1.register("users", views.UserViewSet)
api_v1.register("users/<user>/api-tokens", views.TokenViewSet)
