// The page of an import that is not finished: it asks how far it is, and is loaded anew
// once there is something else to show.
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
    let again = 2;
    try {
      const answer = await fetch(verdict.dataset.poll, { cache: "no-store" });
      again = Number(answer.headers.get("Retry-After")) || again;
      if (answer.status !== 429) {
        const { body } = await answer.json();
        if (body?.importStatus !== "ongoing") {
          const wait = Math.max(0, SOONEST - performance.now());
          setTimeout(() => location.reload(), wait);
          return;
        }
        show(body.progress);
      }
    } catch {
      // The server is not there just now: the next look may find it.
    }
    setTimeout(look, 1000 * again);
  };

  look();
})();
