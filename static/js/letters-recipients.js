// Small helps beside the list: all boxes at once, and a word where the answer did not come.

const selection = document.getElementById("selection");
const busy = document.getElementById("letters-busy");

selection.addEventListener("change", (event) => {
  if (event.target.id !== "check-all") return;
  for (const box of selection.querySelectorAll("input[name=who]")) box.checked = event.target.checked;
});

document.body.addEventListener("htmx:beforeRequest", () => {
  selection.setAttribute("aria-busy", "true");
  busy.textContent = busy.dataset.counting;
});
document.body.addEventListener("htmx:afterRequest", (event) => {
  selection.removeAttribute("aria-busy");
  busy.textContent = event.detail.successful || event.detail.xhr?.status === 422 ? "" : busy.dataset.failed;
});
// A form with an error comes back as 422, with its words.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 422) event.detail.shouldSwap = true;
});
