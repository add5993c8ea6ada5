"""On which databases, and on which machines, an attack makes sense."""

import sys

import pytest
from django.conf import settings

ENGINE = settings.DATABASES["default"]["ENGINE"]
on_postgresql = pytest.mark.skipif(
    not ENGINE.endswith("postgresql"), reason="only a server can do this"
)
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
