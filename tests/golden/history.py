from tests.golden.steps import POLL, REVERT, answered, is_import


class History:
    """Which imports of a user there are after each step."""

    def __init__(self, user: int | None):
        self.user, self.live, self.known, self.empty = user, {}, {}, set()

    def add(self, step: dict) -> None:
        if "restore_imports" in step.get("command", ()):
            self.live |= {id_: self.known[id_] for id_ in step["command"][1:]}
        if "request" not in step or step["response"]["status"] != 200:
            return
        path, body = step["request"]["path"], answered(step)
        if is_import(step) or POLL.search(path):
            document = body.get("import", body)
            if document.get("userID") == self.user and "scoreIDs" in document:
                scores = list(document["scoreIDs"])
                self.known[document["importID"]] = scores
                self.live.setdefault(document["importID"], scores)
        elif match := REVERT.search(path):
            self.live.pop(match[1], None)
        elif step["request"]["method"] == "DELETE" and "/scores/" in path:
            self._delete(path.rpartition("/")[2])

    def possible(self) -> tuple[set[str], set[str]]:
        """The ids of the imports: without those that deletions emptied, and with."""
        return set(self.live) - self.empty, set(self.live)

    def _delete(self, score_id: str) -> None:
        for import_id, scores in self.live.items():
            if score_id in scores:
                scores.remove(score_id)
                if not scores:
                    self.empty.add(import_id)
