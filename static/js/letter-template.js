// Puts a field into the text where the cursor was last.
let last = document.querySelector("#id_body_en");
document.querySelector("#editor").addEventListener("focusin", (event) => {
  if (event.target.matches("textarea, input[type=text]")) last = event.target;
});
document.querySelector(".field-list").addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  if (!button) return;
  last.setRangeText(button.dataset.insert, last.selectionStart, last.selectionEnd, "end");
  last.focus();
  last.dispatchEvent(new Event("input", { bubbles: true }));
});
