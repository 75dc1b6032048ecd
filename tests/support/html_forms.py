"""Forms as a browser reads them from a page: what they hold, send and keep back."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_CHOSEN = frozenset({"radio", "checkbox"})
_SILENT = frozenset({"submit", "button", "reset", "image"})


@dataclass
class Control:
    """One control. `values`: what it offers; None of what is typed. `held`: what it sends as is."""

    name: str
    kind: str
    required: bool
    longest: int | None
    values: list[str] | None = None
    held: list[str] = field(default_factory=list)


@dataclass
class Form:
    """One form of a page."""

    action: str
    method: str
    controls: dict[str, Control] = field(default_factory=dict)

    def filled(self, **given: str) -> dict[str, list[str]]:
        """Return what a browser sends once somebody filled in these; fail where it would not."""
        assert given.keys() <= self.controls.keys(), (
            given.keys() - self.controls.keys(),
            "missing",
        )
        sent = {}
        for control in self.controls.values():
            held = [given[control.name]] if control.name in given else control.held
            if control.name in given:
                assert control.kind != "hidden", f"nobody can fill in {control.name}"
                _acceptable(control, given[control.name])
            assert any(held) or not control.required, f"{control.name} is required"
            if held:
                sent[control.name] = held
        return sent


def _acceptable(control: Control, value: str) -> None:
    """Fail if nobody could enter a value in a control."""
    if control.values is not None:
        assert value in control.values, f"{control.name} does not offer {value}"
    if control.longest is not None:
        assert len(value.encode("utf-16-le")) // 2 <= control.longest, f"too long: {control.name}"


class _Reader(HTMLParser):
    """Reads forms; a page of ours has no control outside of the form that sends it."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.form: Form | None = None
        self.select: Control | None = None
        self.area: Control | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self.form)
        elif tag == "option" and self.select is not None:
            assert self.select.values is not None
            self.select.values.append(given["value"])
            if "selected" in given:
                self.select.held = [given["value"]]
        elif tag in {"input", "select", "textarea"} and given.get("name") and self.form:
            self._control(tag, given, self.form)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "textarea":
            self.area = None
        elif tag == "select" and self.select is not None:
            # A list shows its first line until somebody chooses another.
            self.select.held = self.select.held or (self.select.values or [])[:1]
            self.select = None

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.area.held = [self.area.held[0] + data]

    def _control(self, tag: str, given: dict[str, str], form: Form) -> None:
        kind = given.get("type", "text") if tag == "input" else tag
        if kind in _SILENT or "disabled" in given:
            return
        longest = int(given["maxlength"]) if "maxlength" in given else None
        control = Control(given["name"], kind, "required" in given, longest)
        if kind in _CHOSEN:
            control = form.controls.setdefault(control.name, control)
            value = given.get("value", "on")
            control.values = [*(control.values or []), value]
            control.held += [value] if "checked" in given else []
            return
        assert control.name not in form.controls, f"{control.name} stands twice in a form"
        form.controls[control.name] = control
        if tag == "select":
            self.select, control.values = control, []
        elif tag == "textarea":
            self.area, control.held = control, [""]
        else:
            control.held = [given.get("value", "")]


def forms_of(html: str) -> list[Form]:
    """Return the forms of a page, in its order."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms


def form_of(html: str, action: str) -> Form:
    """Return the one form of a page that is posted to an address."""
    [form] = [one for one in forms_of(html) if (one.action, one.method) == (action, "post")]
    return form
