"""Users, their tokens, settings and sessions: under /api/v1."""

from tachi.accounts.views import accounts
from tachi.accounts.views.pictures import PictureViewSet
from tachi.accounts.views.settings import UserSettingsViewSet
from tachi.api.routes import Router

api_v1 = Router()
api_v1.route("status", accounts.status)
api_v1.route("auth/login", accounts.login)
api_v1.route("auth/logout", accounts.logout)
api_v1.route("auth/register", accounts.register)
api_v1.register("users", accounts.UserViewSet)
api_v1.register("users/<user>", UserSettingsViewSet)
api_v1.register("users/<user>", PictureViewSet)
api_v1.register("users/<user>/api-tokens", accounts.TokenViewSet)
