"use strict";
// The form of a list's filters works without this. It suggests users, says when what is
// filled in is not applied yet, and leaves empty fields out of the address.
const form = document.querySelector("#changelist-search");
if (form) {
  const told = form.querySelector(".unapplied");
  const tell = () => {
    told.textContent = [...form.elements].some(isChanged) ? told.dataset.text : "";
  };
  form.addEventListener("input", tell);
  window.addEventListener("pageshow", tell);
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) {
      if (!value.trim()) event.formData.delete(name);
    }
  });
  for (const input of form.querySelectorAll("[data-suggest]")) {
    suggestFor(input);
  }
}

function isChanged(field) {
  if (field.tagName === "SELECT") {
    const applied = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(applied, 0);
  }
  return field.tagName === "INPUT" && field.value !== field.defaultValue;
}

function suggestFor(input) {
  let waiting = 0;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    const typed = input.value.trim();
    if (typed.length < 2) return;
    waiting = setTimeout(async () => {
      let users;
      try {
        const answer = await fetch(input.dataset.suggest + encodeURIComponent(typed));
        if (!answer.ok || typed !== input.value.trim()) return;
        users = (await answer.json()).body;
      } catch {
        return; // the site is away: a name can be typed all the same
      }
      input.list.replaceChildren(...users.map((user) => new Option(user.username, user.username)));
    }, 200);
  });
}
