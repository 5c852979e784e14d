// The walk, saved point by point: says so where a point could not be saved, and sends each photo once.
document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  const form = target.closest(".walk-item");
  if (!form) return;
  if (detail.successful) {
    if (detail.requestConfig.formData.get("photo")?.size && !form.querySelector(".walk-state .usa-error-message")) form.elements.photo.value = "";
    return;
  }
  const words = document.createElement("p");
  words.className = "usa-error-message";
  words.textContent = form.dataset.unsaved;
  form.querySelector(".walk-state").replaceChildren(words);
  form.querySelectorAll("[name=finding]").forEach((radio) => { radio.checked = false; });
});
