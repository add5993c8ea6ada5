"""Imports and what is sent for import: under /api/v1, for scripts under /ir, and
under /cdn."""

from imports.views.activity import (
    ActivityViewSet,
    GameActivityViewSet,
    PlayerActivityViewSet,
    UserActivityViewSet,
)
from imports.views.barbatos import BarbatosViewSet
from imports.views.beatoraja import BeatorajaViewSet
from imports.views.class_reviews import ClassReviewViewSet
from imports.views.control import ImportControlViewSet
from imports.views.fervidex import FervidexViewSet
from imports.views.hook_settings import HookSettingsViewSet
from imports.views.imports import ImportViewSet, UserImportViewSet
from imports.views.inputs import ImportInputViewSet
from imports.views.kshook import KsHookViewSet
from imports.views.lr2hook import LR2HookViewSet
from imports.views.orphans import UserOrphanViewSet
from imports.views.poll import poll_status
from imports.views.previews import ImportPreviewViewSet
from imports.views.resolve import ResolveViewSet
from imports.views.revert_batches import RevertBatchViewSet
from imports.views.reverted import UserRevertedImportViewSet
from imports.views.rows import ImportRowsViewSet
from imports.views.rules import ImportRuleViewSet
from imports.views.schemas import batch_manual
from imports.views.submissions import DirectManualViewSet, SubmissionViewSet
from imports.views.usc import USCViewSet
from imports.views.wiping import PlayerWipeViewSet
from tachi.api.routes import Router

api_v1 = Router()
api_v1.register("class-reviews", ClassReviewViewSet)
api_v1.register("import", SubmissionViewSet)
api_v1.register("import-rules", ImportRuleViewSet)
api_v1.register("imports", ImportViewSet)
api_v1.register("imports", ImportControlViewSet)
api_v1.register("imports", ImportPreviewViewSet)
api_v1.register("imports", ImportRowsViewSet)
api_v1.route("imports/<import_id>/poll-status", poll_status)
api_v1.register("revert-batches", RevertBatchViewSet)
api_v1.route("schemas/batch-manual/<game>/<playtype>", batch_manual)
api_v1.register("users/<user>", UserImportViewSet)
api_v1.register("users/<user>", HookSettingsViewSet)
api_v1.register("users/<user>", UserOrphanViewSet)
api_v1.register("users/<user>", UserRevertedImportViewSet)
api_v1.register("activity", ActivityViewSet)
api_v1.register("games/<game>", GameActivityViewSet)
api_v1.register("users/<user>", UserActivityViewSet)
api_v1.register("users/<user>/games/<game>", PlayerActivityViewSet)
api_v1.register("users/<user>/games/<game>", PlayerWipeViewSet)
api_v1.register("games/<game>", ResolveViewSet)

cdn = Router()
cdn.register("score-import-input", ImportInputViewSet)

ir = Router()
ir.register("direct-manual", DirectManualViewSet)
ir.register("barbatos", BarbatosViewSet)
ir.register("beatoraja", BeatorajaViewSet)
ir.register("fervidex", FervidexViewSet)
ir.register("kshook/sv6c", KsHookViewSet)
ir.register("lr2hook", LR2HookViewSet)
ir.register("usc/<playtype>", USCViewSet)
