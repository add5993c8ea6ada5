// Follows a batch while it is at work, and shows the page anew when its state changes.
/* global againIn, answered, loadAgain, pauseAfter */
"use strict";
const place = document.querySelector("[data-watch]");
const EVERY = 2000;
const OVER = [401, 403, 404]; // signed out, banned or deleted: the page says so

async function look() {
  let answer;
  let batch;
  try {
    answer = await fetch(place.dataset.watch, { headers: { Accept: "application/json" } });
    if (OVER.includes(answer.status)) return loadAgain();
    if (!answer.ok) throw new Error(answer.statusText);
    batch = (await answer.json()).body;
  } catch {
    againIn(pauseAfter(answer), look);
    return;
  }
  answered();
  if (batch.state !== place.dataset.state || !batch.progress) {
    loadAgain();
    return;
  }
  const { description, done, total, percent } = batch.progress;
  const told = place.querySelector("[data-told]");
  const bar = place.querySelector("progress");
  if (told) told.textContent = `${description} ${done} of ${total}`;
  if (bar) bar.value = percent;
  againIn(EVERY, look);
}

if (place) againIn(EVERY, look);
