"""Jobs: under /api/v1."""

from tachi.api.routes import Router
from tachi.jobs.views import job_status

api_v1 = Router()
api_v1.route("jobs/<job_id>", job_status)
