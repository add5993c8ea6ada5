// A bar that moves: asks how far something is until that is over, then loads the page
// that says how it ended. Without this the page loads itself again.
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
    let wait = 2;
    try {
      const answer = await fetch(live.dataset.poll, { headers: { Accept: "application/json" } });
      wait = Number(answer.headers.get("Retry-After")) || 1;
      const told = await answer.json();
      if (told.success && told.body.importStatus === "ongoing") show(told.body.progress);
      else if (answer.status !== 429 && answer.status !== 503) return location.reload();
    } catch {
      wait = 5; // the site does not answer just now
    }
    setTimeout(ask, 1000 * wait);
  };
  setTimeout(ask, 500);
}
