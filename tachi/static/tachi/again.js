// Asking a site again and again, as one may: not in a tab that nobody looks at, later and
// later while the site is away, and no sooner than it says.
"use strict";
const LONGEST = 30000; // milliseconds between two questions
let failures = 0;

function againIn(milliseconds, ask) {
  setTimeout(() => {
    if (!document.hidden) ask();
    else document.addEventListener("visibilitychange", ask, { once: true });
  }, milliseconds);
}

// How long to wait after an answer, or none, that says nothing.
function pauseAfter(answer) {
  failures += 1;
  const told = answer ? 1000 * Number(answer.headers.get("Retry-After")) : 0;
  return Math.max(told || 0, Math.min(1000 * 2 ** failures, LONGEST));
}

function answered() {
  failures = 0;
}

// The page says the rest. Where something is broken it may be as it was: not at once.
function loadAgain(answer) {
  const wait = answer && answer.status >= 500 ? Math.max(0, 10000 - performance.now()) : 0;
  againIn(wait, () => location.reload());
}
