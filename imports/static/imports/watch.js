// The page of an import that is not finished: it asks how far it is, and is loaded anew
// once there is something else to show.
/* global againIn, answered, loadAgain, pauseAfter */
(() => {
  const SOONEST = 3000; // milliseconds from one load to the next
  const verdict = document.querySelector("[data-poll]");
  const bar = verdict.querySelector("progress");

  const number = (count) => count.toLocaleString("en");

  const say = (id, text) => {
    const element = document.getElementById(id);
    if (element.textContent !== text) element.textContent = text;
  };

  const show = (progress) => {
    if (progress.percent === null) bar.removeAttribute("value");
    else bar.value = progress.percent;
    say("told", progress.description);
    say("phase", progress.phase.charAt(0).toUpperCase() + progress.phase.slice(1));
    say("done", progress.total === null ? "" : `: ${number(progress.done)} of ${number(progress.total)}`);
  };

  const look = async () => {
    let answer;
    let wait;
    try {
      answer = await fetch(verdict.dataset.poll, { cache: "no-store" });
      if (answer.status === 429 || answer.status === 503) throw new Error(answer.statusText);
      const { body } = await answer.json();
      if (body?.importStatus !== "ongoing") {
        setTimeout(() => loadAgain(answer), Math.max(0, SOONEST - performance.now()));
        return;
      }
      show(body.progress);
      answered();
      wait = 1000 * (Number(answer.headers.get("Retry-After")) || 2);
    } catch {
      wait = pauseAfter(answer); // the server is not there just now, or asks for time
    }
    againIn(wait, look);
  };

  look();
})();
