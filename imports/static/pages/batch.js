// Follows a batch while it is at work, and shows the page anew when its state changes.
const place = document.querySelector("[data-watch]");
const EVERY = 2000;

async function look() {
  let batch;
  try {
    const answer = await fetch(place.dataset.watch, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status);
    batch = (await answer.json()).body;
  } catch {
    setTimeout(look, 5 * EVERY);
    return;
  }
  if (batch.state !== place.dataset.state || !batch.progress) {
    location.reload();
    return;
  }
  const { description, done, total, percent } = batch.progress;
  const told = place.querySelector("[data-told]");
  const bar = place.querySelector("progress");
  if (told) told.textContent = `${description} ${done} of ${total}`;
  if (bar) bar.value = percent;
  setTimeout(look, EVERY);
}

if (place) setTimeout(look, EVERY);
