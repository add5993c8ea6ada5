from django.urls import resolve
from rest_framework.schemas.generators import EndpointEnumerator

from imports.views.poll import poll_status

ENDPOINTS = """
GET    /api/v1/config
GET    /api/v1/schemas/batch-manual/{game}/{playtype}
GET    /api/v1/status
POST   /api/v1/status
POST   /api/v1/auth/login
POST   /api/v1/auth/logout
GET    /api/v1/users
GET    /api/v1/users/{user}
GET    /api/v1/users/{user}/api-tokens
POST   /api/v1/users/{user}/api-tokens/create
DELETE /api/v1/users/{user}/api-tokens/{token}
GET    /api/v1/users/{user}/game-stats
GET    /api/v1/users/{user}/games/{game}/{playtype}
DELETE /api/v1/users/{user}/games/{game}/{playtype}
GET    /api/v1/users/{user}/games/{game}/{playtype}/pbs/all
GET    /api/v1/users/{user}/games/{game}/{playtype}/pbs/best
GET    /api/v1/users/{user}/games/{game}/{playtype}/pbs/{chart_id}
GET    /api/v1/users/{user}/games/{game}/{playtype}/scores/all
GET    /api/v1/users/{user}/games/{game}/{playtype}/scores/recent
GET    /api/v1/users/{user}/games/{game}/{playtype}/scores/{chart_id}
GET    /api/v1/users/{user}/games/{game}/{playtype}/sessions/best
GET    /api/v1/users/{user}/games/{game}/{playtype}/sessions/recent
GET    /api/v1/users/{user}/games/{game}/{playtype}/settings
PATCH  /api/v1/users/{user}/games/{game}/{playtype}/settings
GET    /api/v1/config/max-rivals
GET    /api/v1/games/{game}/{playtype}/charts/{chart_id}/playcount
GET    /api/v1/games/{game}/{playtype}/charts/{chart_id}/folders
GET    /api/v1/users/{user}/recent-summary
GET    /api/v1/users/{user}/stats
GET    /api/v1/users/{user}/sessions/calendar
GET    /api/v1/activity
GET    /api/v1/games/{game}/{playtype}/activity
GET    /api/v1/users/{user}/activity
GET    /api/v1/users/{user}/games/{game}/{playtype}/activity
GET    /api/v1/users/{user}/settings
PATCH  /api/v1/users/{user}/settings
GET    /api/v1/users/{user}/is-email-verified
POST   /api/v1/auth/register
GET    /api/v1/search
GET    /api/v1/search/chart-hash
GET    /api/v1/games/{game}/{playtype}/charts
GET    /api/v1/games/{game}/{playtype}/charts/resolve
GET    /api/v1/games/{game}/{playtype}/tables
GET    /api/v1/users/{user}/games/{game}/{playtype}/targets/all-subs
GET    /api/v1/users/{user}/games/{game}/{playtype}/targets/on-chart/{chart_id}
GET    /api/v1/users/{user}/games/{game}/{playtype}/showcase
GET    /api/v1/sessions/{session_id}/folder-raises
GET    /cdn/score-import-input/{import_id}
GET    /api/v1/users/{user}/games/{game}/{playtype}/most-played
GET    /api/v1/users/{user}/games/{game}/{playtype}/pbs
GET    /api/v1/users/{user}/games/{game}/{playtype}/scores
GET    /api/v1/users/{user}/games/{game}/{playtype}/sessions
GET    /api/v1/users/{user}/games/{game}/{playtype}/sessions/highlighted
GET    /api/v1/users/{user}/games/{game}/{playtype}/sessions/last
GET    /api/v1/users/{user}/games/{game}/{playtype}/sessions/calendar
GET    /api/v1/users/{user}/games/{game}/{playtype}/leaderboard-adjacent
GET    /api/v1/users/{user}/games/{game}/{playtype}/pbs/{chart_id}/leaderboard-adjacent
GET    /api/v1/users/{user}/games/{game}/{playtype}/pbs/{chart_id}/rivals
GET    /api/v1/games/{game}/{playtype}/leaderboard
GET    /api/v1/games/{game}/{playtype}/pb-leaderboard
GET    /api/v1/games/{game}/{playtype}/players
GET    /api/v1/users/{user}/games/{game}/{playtype}/history
GET    /api/v1/users/{user}/pfp
GET    /api/v1/users/{user}/banner
PATCH  /api/v1/users/{user}
GET    /api/v1/users/{user}/imports
GET    /api/v1/users/{user}/imports/failed
GET    /api/v1/users/{user}/integrations/fervidex/settings
PUT    /api/v1/users/{user}/integrations/fervidex/settings
PATCH  /api/v1/users/{user}/integrations/fervidex/settings
GET    /api/v1/users/{user}/integrations/kshook-sv6c/settings
PUT    /api/v1/users/{user}/integrations/kshook-sv6c/settings
PATCH  /api/v1/users/{user}/integrations/kshook-sv6c/settings
GET    /api/v1/users/{user}/blocks
DELETE /api/v1/users/{user}/blocks/{score_id}
GET    /api/v1/users/{user}/imports/reverted
GET    /api/v1/users/{user}/notifications
DELETE /api/v1/users/{user}/notifications
POST   /api/v1/users/{user}/notifications/{notif_id}/mark-read
POST   /api/v1/users/{user}/notifications/mark-all-read
POST   /api/v1/users/{user}/notifications/delete-all
GET    /api/v1/users/{user}/orphans
DELETE /api/v1/users/{user}/orphans/{orphan_id}
GET    /api/v1/users/{user}/recent-imports
GET    /api/v1/games
GET    /api/v1/games/{game}
GET    /api/v1/games/{game}/{playtype}
GET    /api/v1/games/{game}/{playtype}/charts/{chart_id}
GET    /api/v1/games/{game}/{playtype}/charts/{chart_id}/pbs
GET    /api/v1/games/{game}/{playtype}/songs/{song_id}
GET    /api/v1/scores/{score_id}
PATCH  /api/v1/scores/{score_id}
DELETE /api/v1/scores/{score_id}
GET    /api/v1/sessions/{session_id}
PATCH  /api/v1/sessions/{session_id}
GET    /api/v1/import-rules
POST   /api/v1/import-rules
DELETE /api/v1/import-rules/{rule_id}
GET    /api/v1/class-reviews
POST   /api/v1/class-reviews/{review_id}/withdraw
POST   /api/v1/class-reviews/{review_id}/keep
POST   /api/v1/class-reviews/{review_id}/reinstate
POST   /api/v1/import/file
POST   /api/v1/import/orphans
GET    /api/v1/imports
GET    /api/v1/imports/failed
GET    /api/v1/imports/{import_id}
GET    /api/v1/imports/{import_id}/rows
GET    /api/v1/imports/{import_id}/rows.csv
POST   /api/v1/imports/{import_id}/cancel
POST   /api/v1/imports/{import_id}/retry
GET    /api/v1/imports/{import_id}/restore/preview
GET    /api/v1/imports/{import_id}/revert/preview
POST   /api/v1/imports/{import_id}/restore
POST   /api/v1/imports/{import_id}/revert
GET    /api/v1/revert-batches
POST   /api/v1/revert-batches
GET    /api/v1/revert-batches/{batch_id}
GET    /api/v1/revert-batches/{batch_id}/outcomes
GET    /api/v1/revert-batches/{batch_id}/outcomes.csv
POST   /api/v1/revert-batches/{batch_id}/confirm
POST   /api/v1/revert-batches/{batch_id}/pause
POST   /api/v1/revert-batches/{batch_id}/resume
POST   /api/v1/revert-batches/{batch_id}/cancel
POST   /api/v1/revert-batches/{batch_id}/restore
POST   /api/v1/revert-batches/{batch_id}/retry-failed
POST   /api/v1/revert-batches/{batch_id}/hold
POST   /ir/barbatos/score/submit
GET    /ir/beatoraja/charts/{sha256}/scores
POST   /ir/beatoraja/submit-course
POST   /ir/beatoraja/submit-score
POST   /ir/direct-manual/import
POST   /ir/fervidex/class/submit
POST   /ir/fervidex/profile/submit
POST   /ir/fervidex/score/submit
POST   /ir/kshook/sv6c/score/export
POST   /ir/kshook/sv6c/score/save
POST   /ir/lr2hook/import
POST   /ir/lr2hook/import/course
GET    /ir/usc/{playtype}
GET    /ir/usc/{playtype}/charts/{chart_hash}
GET    /ir/usc/{playtype}/charts/{chart_hash}/leaderboard
GET    /ir/usc/{playtype}/charts/{chart_hash}/record
POST   /ir/usc/{playtype}/replays
POST   /ir/usc/{playtype}/scores
"""


def endpoints():
    return EndpointEnumerator().get_api_endpoints()


def test_the_admin_needs_no_last_slash(client):
    response = client.get("/admin")
    assert (response.status_code, response.url) == (302, "/admin/")


def test_the_api_has_these_endpoints_and_no_others():
    listed = [line.split() for line in ENDPOINTS.split("\n") if line]
    assert sorted(listed) == sorted([method, path] for path, method, _ in endpoints())


def test_the_poll_is_a_plain_view():
    assert resolve("/api/v1/imports/x/poll-status").func is poll_status


def test_every_endpoint_says_in_a_line_what_it_does():
    for path, method, view in endpoints():
        actions = getattr(view, "actions", {})
        described = getattr(view.cls, actions.get(method.lower(), ""), view.cls)
        summary = (described.__doc__ or "").strip().split("\n")[0]
        assert summary.endswith((".", "?")), f"{method} {path}: {summary!r}"
