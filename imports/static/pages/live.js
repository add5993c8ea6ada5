// A bar that moves: asks how far something is until that is over, then loads the page
// that says how it ended. Without this the page loads itself again.
/* global againIn, answered, loadAgain, pauseAfter */
"use strict";
for (const live of document.querySelectorAll("[data-poll]")) {
  const said = live.querySelector(".said");
  const bar = live.querySelector("progress");
  const left = live.querySelector(".eta");
  const show = (progress) => {
    if (said.textContent !== progress.description) said.textContent = progress.description;
    if (progress.percent === null) bar.removeAttribute("value");
    else bar.value = progress.percent;
    const seconds = progress.etaSeconds;
    left.textContent = seconds ? `About ${seconds} second${seconds === 1 ? "" : "s"} left.` : "";
  };
  const ask = async () => {
    let answer;
    let wait;
    try {
      answer = await fetch(live.dataset.poll, { headers: { Accept: "application/json" } });
      if (answer.status === 429 || answer.status === 503) throw new Error(answer.statusText);
      const told = await answer.json();
      if (!told.success || told.body.importStatus !== "ongoing") return loadAgain(answer);
      show(told.body.progress);
      answered();
      wait = 1000 * (Number(answer.headers.get("Retry-After")) || 1);
    } catch {
      wait = pauseAfter(answer); // the site does not answer just now, or asks for time
    }
    againIn(wait, ask);
  };
  againIn(500, ask);
}
