// The grid of the week's hours. The boxes work by themselves; this adds arrow keys, dragging with a mouse, buttons for
// all at once, and how many hours are chosen.

const frame = document.querySelector("[data-hours]");
const sum = document.querySelector("[data-hours-sum]");
const tools = document.querySelector("[data-hours-tools]");
const boxes = [...frame.querySelectorAll("input")]; // row by row: hour 0 of Monday to Sunday, hour 1 …
const DAYS = 7;
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -DAYS, ArrowDown: DAYS };

function tell() {
  const chosen = boxes.filter((box) => box.checked);
  const weight = (some) => some.reduce((total, box) => total + Number(box.dataset.weight), 0);
  const all = weight(boxes);
  const share = all ? new Intl.NumberFormat(document.documentElement.lang, { style: "percent" }).format(weight(chosen) / all) : "";
  const words = all ? sum.dataset.wordsHeld : sum.dataset.words;
  sum.textContent = words.replace("{hours}", chosen.length).replace("{share}", share);
}

function choose(box, checked) {
  if (box.checked !== checked) {
    box.checked = checked;
    tell();
  }
}

frame.addEventListener("change", tell);

// One stop for the tab key, where the arrows go on from, instead of 168.
function rove(here) {
  for (const box of boxes) box.tabIndex = box === here ? 0 : -1;
}
rove(boxes.find((box) => box.checked) ?? boxes[0]);
frame.addEventListener("focusin", (event) => rove(event.target));

frame.addEventListener("keydown", (event) => {
  const index = boxes.indexOf(event.target);
  const next = index + (STEPS[event.key] ?? NaN);
  if (index < 0 || Number.isNaN(next)) return;
  event.preventDefault();
  boxes[next]?.focus();
});

// A finger scrolls the page; only a mouse or pen paints.
let from = null;
let paint = false;
frame.addEventListener("pointerdown", (event) => {
  from = event.pointerType !== "touch" && event.button === 0 && event.target.matches("input") ? event.target : null;
  paint = from ? !from.checked : false;
});
frame.addEventListener("pointerover", (event) => {
  if (!from || event.target === from || !event.target.matches("input")) return;
  choose(from, paint);
  choose(event.target, paint);
});
addEventListener("pointerup", () => { from = null; });
addEventListener("pointercancel", () => { from = null; });

for (const button of tools.querySelectorAll("[data-hours-set]")) {
  button.addEventListener("click", () => {
    const wanted = new Set(button.dataset.hoursSet.split(",").filter(Boolean));
    for (const box of boxes) box.checked = wanted.has(box.value);
    tell();
  });
}
tools.hidden = false;
