"""What a page offers to who reads it: where its links lead, and what its forms send."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

#: Where pages say what became of what was asked of them.
TELLS = {
    "messagelist",
    "messages",
    "message",
    "errornote",
    "notice",
    "error",
    "errorlist",
}
VOID = set("area base br col embed hr img input link meta source track wbr".split())


@dataclass
class Field:
    """A field of a form, as it is shown."""

    name: str
    kind: str  # type of an input, "textarea", "select"
    value: str = ""
    checked: bool = False
    required: bool = False
    multiple: bool = False
    options: list[str] = field(default_factory=list)  # of a select
    chosen: list[str] = field(default_factory=list)


@dataclass
class Form:
    """A form: `buttons` are (name, value, action or "", method or "") of each."""

    action: str
    method: str
    fields: list[Field] = field(default_factory=list)
    buttons: list[tuple[str, str, str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """`links` of all kinds, `forms`, and what the page tells in `told`."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.told: list[str] = []
        self._form: Form | None = None
        self._by_id: dict[str, Form] = {}
        self._elsewhere: list[tuple[str, Field | tuple]] = []
        self._select: Field | None = None
        self._textarea: Field | None = None
        self._telling: list[str] = []  # the elements that are open since it began
        self.feed(text)
        self.close()
        for name, what in self._elsewhere:
            if name in self._by_id:
                add(self._by_id[name], what)

    def handle_starttag(self, tag, attrs):
        said = {name: value or "" for name, value in attrs}
        if self._telling and tag not in VOID:
            self._telling.append(tag)
        elif said.get("role") == "alert" or TELLS & set(said.get("class", "").split()):
            self._telling.append(tag)
            self.told.append("")
        if tag in ("a", "area") and said.get("href"):
            self.links.append(said["href"])
        self.links += [said[name] for name in ("hx-get", "data-url") if said.get(name)]
        known = getattr(self, f"_start_{tag}", None)
        if known and "disabled" not in said:
            known(said)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if tag in self._telling:
            while self._telling.pop() != tag:
                pass
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None

    def handle_data(self, data):
        if self._telling:
            self.told[-1] += data
        if self._textarea is not None:
            self._textarea.value += data

    def _start_form(self, said):
        self._form = Form(said.get("action", ""), said.get("method", "get").lower())
        self._by_id[said.get("id", "")] = self._form
        self.forms.append(self._form)

    def _start_input(self, said):
        kind = said.get("type", "text").lower()
        if kind in ("submit", "image"):
            self._start_button(said)
        elif kind not in ("button", "reset") and said.get("name"):
            usual = "on" if kind in ("checkbox", "radio") else ""
            value = said.get("value", usual)
            checked, required = "checked" in said, "required" in said
            self._put(said, Field(said["name"], kind, value, checked, required))

    def _start_button(self, said):
        if said.get("type", "submit") in ("submit", "image"):
            names = ("name", "value", "formaction", "formmethod")
            self._put(said, tuple(said.get(name, "") for name in names))

    def _start_select(self, said):
        self._select = Field(
            said.get("name", ""), "select", required="required" in said
        )
        self._put(said, self._select)

    def _start_option(self, said):
        if self._select is not None:
            self._select.options.append(said.get("value", ""))
            if "selected" in said:
                self._select.chosen.append(said.get("value", ""))

    def _start_textarea(self, said):
        self._textarea = Field(
            said.get("name", ""), "textarea", required="required" in said
        )
        self._put(said, self._textarea)

    def _put(self, said, what):
        if said.get("form"):
            self._elsewhere.append((said["form"], what))
        elif self._form is not None:
            add(self._form, what)


def add(form: Form, what: Field | tuple) -> None:
    if isinstance(what, Field):
        if what.name:
            form.fields.append(what)
    else:
        form.buttons.append(what)
