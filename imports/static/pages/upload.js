// The file input takes what is dropped on it, and trying a file keeps it chosen.
"use strict";
const form = document.getElementById("upload");
if (form) {
  const drop = form.querySelector(".drop");
  const file = form.querySelector("input[type=file]");
  const told = document.getElementById("upload-told");
  const type = form.elements.importType;
  const extras = form.querySelector(".extras");

  for (const each of form.querySelectorAll(".needs-script")) each.hidden = false;

  const most = Number(form.dataset.most);
  const check = () => {
    const chosen = file.files[0];
    const isLarge = chosen && chosen.size >= most;
    told.textContent = isLarge ? "This file is too large to be imported at once." : "";
    file.setCustomValidity(told.textContent);
  };
  file.addEventListener("change", check);

  const over = (event) => {
    event.preventDefault();
    drop.classList.toggle("over", event.type === "dragenter" || event.type === "dragover");
  };
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) drop.addEventListener(name, over);
  drop.addEventListener("drop", (event) => {
    if (event.dataTransfer.files.length === 0) return;
    file.files = event.dataTransfer.files;
    check();
    form.querySelector("[value=import]").focus();
  });

  const fit = () => {
    if (!extras) return;
    let any = false;
    for (const each of extras.querySelectorAll(".extra")) {
      const fits = type.value === "auto" || each.dataset.for.split(" ").includes(type.value);
      each.hidden = !fits;
      any = any || fits;
    }
    extras.hidden = !any;
    if (any && type.value !== "auto") extras.open = true;
  };
  type.addEventListener("change", fit);
  fit();

  form.addEventListener("submit", async (event) => {
    const pressed = event.submitter;
    if (!pressed || pressed.value !== "try") return;
    event.preventDefault();
    const sent = new FormData(form, pressed);
    pressed.disabled = true;
    form.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, { method: "POST", body: sent });
      const text = await answer.text();
      const page = new DOMParser().parseFromString(text, "text/html");
      const found = page.getElementById("tried") || page.querySelector("main");
      for (const each of found.querySelectorAll("noscript")) each.remove();
      const shown = document.getElementById("tried");
      shown.replaceChildren(...found.childNodes);
      shown.focus();
      shown.scrollIntoView({ block: "nearest" });
    } catch {
      told.textContent = "The site does not answer. Try it again.";
    }
    form.removeAttribute("aria-busy");
    pressed.disabled = false;
  });
}
