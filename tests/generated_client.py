"""What a tool's author would write, on a client generated from the description.

    python generated_client.py URL TOKEN FILE

Runs in an environment in which the client is the package `tachi_client`, and nothing of
ours is. Sends the file, polls, reads and reverts.
"""

import io
import sys
import time
from pathlib import Path

from tachi_client import AuthenticatedClient
from tachi_client.api.imports import (
    import_file,
    import_retrieve,
    import_revert,
    poll_status,
)
from tachi_client.models import Failure, ImportFileBody, ImportFileBodyImportType
from tachi_client.models.completed import Completed
from tachi_client.types import File

PATIENCE = 60  # seconds


def main(url: str, token: str, path: Path) -> None:
    client = AuthenticatedClient(base_url=url, token=token, timeout=PATIENCE)
    file = File(io.BytesIO(path.read_bytes()), path.name, "application/json")
    body = ImportFileBody(
        import_type=ImportFileBodyImportType.FILEBATCH_MANUAL, score_data=file
    )
    queued = import_file.sync(client=client, body=body, x_user_intent="true").body
    document = poll(client, queued.import_id)
    assert document.user_intent
    assert document.counts.imported == len(document.score_i_ds) == 29
    assert document.counts.orphaned == 1
    page = import_retrieve.sync(queued.import_id, client=client).body
    assert page.import_.import_id == queued.import_id
    assert {score.score_id for score in page.scores} == set(document.score_i_ds)
    assert all(score.score_data.additional_properties["lamp"] for score in page.scores)
    assert page.user.username
    assert import_revert.sync(queued.import_id, client=client).success
    gone = import_retrieve.sync_detailed(queued.import_id, client=client)
    assert gone.status_code == 404
    assert isinstance(gone.parsed, Failure)


def poll(client: AuthenticatedClient, import_id: str):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        answer = poll_status.sync(import_id, client=client)
        if isinstance(answer.body, Completed):
            return answer.body.import_
        assert answer.body.progress.description
        time.sleep(0.2)
    raise TimeoutError(import_id)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
