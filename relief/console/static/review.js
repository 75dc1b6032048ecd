// The steward's queue by keyboard alone. Each key does what a link or field of the page does, so
// that nothing is lost without this file.
"use strict";

(() => {
  const all = (what) => [...document.querySelectorAll(what)];
  const form = document.querySelector("form[data-decide]");

  // In a field that takes text, keys are text; in a list of choices, arrows and Enter are its own.
  const typing = (target) =>
    target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");

  const focusOn = (element) => {
    if (!element) return;
    if (element.type === "radio") element.checked = true;
    element.focus();
    element.scrollIntoView({ block: "nearest" });
  };

  const step = (by) => {
    const rows = all("[data-row]");
    if (rows.length === 0) {
      if (by > 0) document.querySelector("[data-next]")?.click();
      else history.back();
      return;
    }
    const here = rows.indexOf(document.activeElement);
    const there = here < 0 ? (by > 0 ? 0 : rows.length - 1) : here + by;
    focusOn(rows[Math.min(Math.max(there, 0), rows.length - 1)]);
  };

  const choose = (verdict) => focusOn(form?.querySelector(`[name=verdict][value=${verdict}]`));

  const reason = (place) => {
    const select = form?.querySelector("[name=reason]");
    const option = select?.options[place];
    if (option) select.value = option.value;
  };

  const help = () => {
    const keys = document.getElementById("keys");
    if (!keys) return;
    keys.open = !keys.open;
    keys.querySelector("summary").focus();
  };

  const send = (which) => {
    if (which && which.reportValidity() && !which.dataset.sent) {
      which.dataset.sent = "1";
      which.requestSubmit();
    }
  };

  const acts = {
    j: () => step(1),
    ArrowDown: () => step(1),
    k: () => step(-1),
    ArrowUp: () => step(-1),
    s: () => choose("same"),
    d: () => choose("different"),
    u: () => send(document.querySelector("form[data-undo]")),
    "?": help,
    "1": () => reason(1),
    "2": () => reason(2),
    "3": () => reason(3),
    "4": () => reason(4),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.key === "Enter") {
      // A focused link or button does what it says; everything else confirms.
      if (form && !event.target.matches("a, button, summary")) {
        event.preventDefault();
        send(form);
      }
      return;
    }
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // A page shown again by the browser's own "back" must be able to send.
  window.addEventListener("pageshow", () => {
    for (const each of all("form[data-sent]")) delete each.dataset.sent;
  });
})();
