// The live part of a batch's page: it asks the API how far the batch is, moves the bar
// and says the sentence with the new numbers. The page is loaded again when the state
// changes; what was typed into it by then is kept.
/* global againIn, answered, pauseAfter */
"use strict";

const EVERY = 2000; // milliseconds between two questions
const TYPED = `typed on ${location.pathname}`;
const forms = document.querySelectorAll("form[data-keep]");
const live = document.querySelector("[data-poll]");
let leaving = false;

function counted(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

function timeLeft(seconds) {
  if (seconds === null) return "";
  if (seconds < 60) return ", less than a minute left";
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `, about ${counted(minutes, "minute")} left`;
  return `, about ${counted(Math.round(minutes / 60), "hour")} left`;
}

function fields() {
  const found = {};
  for (const form of forms)
    for (const field of form.querySelectorAll("textarea, input:not([type=hidden]):not([type=submit])"))
      found[field.name] = field;
  return found;
}

function keepAndLoad() {
  const typed = { focus: document.activeElement && document.activeElement.name };
  typed.values = {};
  for (const [name, field] of Object.entries(fields()))
    if (field.value !== field.defaultValue) typed.values[name] = field.value;
  sessionStorage.setItem(TYPED, JSON.stringify(typed));
  location.reload();
}

function fillIn() {
  const kept = sessionStorage.getItem(TYPED);
  sessionStorage.removeItem(TYPED);
  if (!kept) return;
  const typed = JSON.parse(kept);
  const there = fields();
  for (const [name, value] of Object.entries(typed.values)) {
    if (!there[name]) continue;
    there[name].value = value;
    const folded = there[name].closest("details");
    if (folded) folded.open = true;
  }
  if (typed.focus && there[typed.focus]) there[typed.focus].focus();
}

function show(batch) {
  const { done, total, percent } = batch.progress;
  const far = `${done.toLocaleString("en")} of ${total.toLocaleString("en")} ${live.dataset.unit}`;
  live.querySelector("[data-far]").textContent =
    `${live.dataset.doing}: ${far}${timeLeft(batch.etaSeconds)}.`;
  live.querySelector("progress").value = percent;
  const counts = { waiting: batch.imports - batch.done };
  for (const name of ["reverted", "restored", "failed", "refused"]) counts[name] = batch[name];
  for (const [name, count] of Object.entries(counts))
    for (const each of document.querySelectorAll(`[data-count=${name}]`))
      each.textContent = count.toLocaleString("en");
}

async function ask() {
  let answer;
  let next = EVERY;
  try {
    answer = await fetch(live.dataset.poll, { headers: { Accept: "application/json" } });
    if (leaving) return;
    if (answer.status === 401 || answer.status === 403 || answer.status === 404) return keepAndLoad();
    if (!answer.ok) throw new Error(answer.statusText);
    const batch = (await answer.json()).body;
    if (batch.state !== live.dataset.state || !batch.progress) return keepAndLoad();
    show(batch);
    answered();
  } catch {
    next = pauseAfter(answer); // the site is busy, or away for a moment
  }
  if (!leaving) againIn(next, ask);
}

for (const folded of document.querySelectorAll("details.why[hidden]")) folded.hidden = false;
for (const form of forms) form.addEventListener("submit", () => { leaving = true; });
fillIn();
if (live) againIn(EVERY, ask);
