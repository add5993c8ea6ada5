"""What an owner was told: newest first, with the imports that it is about."""

from collections import defaultdict
from collections.abc import Sequence

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from imports.models import Revert
from imports.pages.frame import page, signed_in
from tachi.accounts.authentication import user_of
from tachi.accounts.models import User
from tachi.moderation import notices as verbs
from tachi.moderation.documents import title_of
from tachi.moderation.models import Notification

ON_A_PAGE, MOST_IMPORTS = 20, 5
READ, READ_ALL, DELETE_ALL = "read", "read-all", "delete-all"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def notices(request: HttpRequest) -> HttpResponse:
    """The notices, and marking them as read."""
    user = user_of(request)
    if request.method == "POST":
        return _act(request, user)
    found = Notification.objects.filter(user=user).order_by("-sent_at", "-pk")
    shown = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    about = _imports(user, list(shown))
    rows = [(each, title_of(each), about[_batch_of(each)]) for each in shown]
    return page(request, "notices.html", {"shown": shown, "rows": rows}, here="notices")


def _act(request: HttpRequest, user: User) -> HttpResponse:
    act = request.POST.get("act")
    if act == READ:
        if not verbs.mark_read(user.pk, request.POST.get("notice", "")):
            raise Http404
    elif act == READ_ALL:
        verbs.mark_all_read(user.pk)
        messages.success(request, "All notices are marked as read.")
    elif act == DELETE_ALL:
        verbs.delete_all(user.pk)
        messages.success(request, "Your notices are deleted.")
    return HttpResponseRedirect(reverse("pages:notices"))


def _batch_of(notice: Notification) -> str:
    return str(notice.content.get("batchID") or "")


def _imports(user: User, shown: Sequence[Notification]) -> dict[str, list[str]]:
    """Batch → ids of the user's first imports in it; one statement for a page."""
    about: dict[str, list[str]] = defaultdict(list)
    ids = {_batch_of(each) for each in shown} - {""}
    reverts = Revert.objects.filter(batch__batch_id__in=ids, of_import__user=user)
    place = Window(RowNumber(), partition_by=F("batch"), order_by=F("pk").asc())
    first = reverts.annotate(place=place).filter(place__lte=MOST_IMPORTS)
    columns = first.values_list("batch__batch_id", "of_import__import_id")
    for batch_id, import_id in columns.order_by("pk"):
        about[batch_id].append(import_id)
    return about
