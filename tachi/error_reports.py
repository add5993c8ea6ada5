"""What no report of an error may hold, on a page or in a mail."""

import re

from django.views.debug import SafeExceptionReporterFilter


class ReportFilter(SafeExceptionReporterFilter):
    """Django's, for pages and mails about errors; addresses hold passwords, too."""

    hidden_settings = re.compile(
        f"{SafeExceptionReporterFilter.hidden_settings.pattern}"
        "|DATABASE_URL|CACHE_URL|LOCATION|QUERY_STRING|REQUEST_URI|RAW_URI",
        re.IGNORECASE,
    )
