// A button that copies a field; without scripts one selects it by hand.
for (const place of document.querySelectorAll("[data-copies]")) {
  const field = document.getElementById(place.dataset.copies);
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy it";
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Selected: press Ctrl+C";
    }
  });
  place.append(button);
}
