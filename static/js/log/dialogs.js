// Sheets over the screen: the browser's own dialog keeps the focus in and closes on Escape.
import { button, h } from "./dom.js";

/** Opens a sheet; `fill(close)` gives its content. Resolves to what it was closed with, or to null. */
export function sheet(title, fill, { wide = false } = {}) {
  return new Promise((resolve) => {
    const dialog = h("dialog", { class: wide ? "sheet sheet--wide" : "sheet", "aria-labelledby": "sheet-title" });
    let answer = null;
    const close = (value) => { answer = value; dialog.close(); };
    dialog.append(
      h("div", { class: "sheet__head" }, h("h2", { id: "sheet-title", tabindex: "-1" }, title), button("Close", () => close(null), { class: "button button--plain" })),
      ...[fill(close)].flat(),
    );
    dialog.addEventListener("close", () => { dialog.remove(); resolve(answer); });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) close(null); });
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector("h2").focus();
  });
}

/** A question with big answers: [[value, words, class]]. */
export const askFor = (title, words, answers) => sheet(title, (close) => [
  words && h("p", {}, words),
  h("div", { class: "stack" }, answers.map(([value, text, look = ""]) => button(text, () => close(value), { class: `button ${look}` }))),
].filter(Boolean));

let fading = 0;

/** A sentence at the bottom, for a while; `action` is a button beside it: [words, what it does]. */
export function toast(words, { action = null, bad = false, ms = action ? 8000 : 4000 } = {}) {
  const box = document.getElementById("toast");
  clearTimeout(fading);
  const clear = () => box.replaceChildren();
  box.replaceChildren(h("div", { class: bad ? "toast__box toast__box--bad" : "toast__box" },
    h("p", {}, words),
    action && button(action[0], () => { clear(); action[1](); }, { class: "button button--toast" }),
  ));
  fading = setTimeout(clear, ms);
}
