// The commander's map: controls, results and map kept in step. Every view has an address, so that it can be
// bookmarked, sent to a colleague, reloaded and gone back to.
import { makeCanvas } from "./map/canvas.js";
import { watchLasso } from "./map/lasso.js";
import { watchOverlays } from "./map/overlays.js";
import { watchPrint } from "./map/print.js";
import { watchList } from "./map/ranked-list.js";
import { watchSearch } from "./map/search.js";
import { makeSelection } from "./map/selection.js";

const RESULTS = "/map/results/";
const page = JSON.parse(document.getElementById("page-state").textContent);
const controls = document.getElementById("controls");
const results = document.getElementById("results");
const busy = document.getElementById("busy");
let pending = null;
let canvas = null; // until the library is there, and for good where the browser cannot draw

const runState = () => JSON.parse(document.getElementById("map-state")?.textContent ?? "null");

function query() {
  const given = new URLSearchParams(new FormData(controls));
  if (given.get("days") !== "custom") given.delete("since");
  if (given.get("as_of") === controls.elements.as_of.dataset.latest) given.delete("as_of");
  for (const [name, value] of [...given]) if (!value) given.delete(name);
  if (page.redraw) given.set("redraw", page.redraw.id);
  return given.toString();
}

async function showResults() {
  pending?.abort(); // only the last question counts
  pending = new AbortController();
  results.setAttribute("aria-busy", "true");
  busy.textContent = "Counting incidents…";
  try {
    const response = await fetch(`${RESULTS}?${query()}`, { signal: pending.signal });
    // A session that has ended answers with the sign-in page.
    if (response.redirected) return location.reload();
    if (!response.ok) throw new Error(`The server answered ${response.status}.`);
    results.innerHTML = await response.text();
    window.htmx.process(results);
    resultsChanged();
    busy.textContent = "";
  } catch (error) {
    if (error.name === "AbortError") return undefined;
    busy.textContent = "This could not be counted. Look at your connection and choose again.";
  }
  results.removeAttribute("aria-busy");
  return undefined;
}

function resultsChanged() {
  const state = runState();
  if (!state) return;
  canvas?.showRun(state);
  canvas?.select(selection?.ids() ?? []);
  selection?.runChanged(state);
  list.refresh();
}

function controlsChanged() {
  const days = controls.elements.days.value;
  const since = controls.querySelector(".map-control--since");
  since.hidden = days !== "custom";
  // Both ends of other dates are needed before there is something to count.
  if (days === "custom" && !(controls.elements.since.value && controls.elements.as_of.value)) return;
  history.pushState(null, "", `?${query()}${location.hash}`);
  showResults();
}

function addressChanged() {
  const given = new URLSearchParams(location.search);
  for (const field of controls.elements) {
    if (!field.name) continue;
    const first = field.options?.[0]?.value ?? "";
    field.value = given.get(field.name) ?? field.dataset.latest ?? { kind: "block", days: "365", color: "count", measure: "all" }[field.name] ?? first;
  }
  controls.querySelector(".map-control--since").hidden = controls.elements.days.value !== "custom";
  showResults();
}

const selection = makeSelection({ redraw: page.redraw, changed: (ids) => { canvas?.select(ids); list.refresh(); } });
const list = watchList(results, {
  point: (id) => canvas?.point(id),
  go: (id, lonLat) => canvas?.go(id, lonLat),
  selection,
});
async function showCard(id) {
  const card = document.getElementById("map-card");
  const state = runState();
  if (!state) return;
  const response = await fetch(`/map/card/${id}/?run=${state.run}&measure=${state.measure}`);
  card.innerHTML = response.ok ? await response.text() : "";
  list.reveal(id);
}

document.getElementById("map-card").addEventListener("click", (event) => {
  const chosen = event.target.closest(".card__select");
  if (chosen) selection.toggle({ id: Number(chosen.dataset.place), name: chosen.dataset.name, count: Number(chosen.dataset.count) });
  if (chosen || event.target.closest(".card__close")) document.getElementById("map-card").replaceChildren();
});
controls.addEventListener("change", controlsChanged);
controls.addEventListener("submit", (event) => { event.preventDefault(); controlsChanged(); });
window.addEventListener("popstate", addressChanged);
document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target === results) resultsChanged();
  else list.refresh();
});
watchSearch(results, { go: (id, lonLat) => { canvas?.go(id, lonLat); showCard(id); } });
// On a phone the map comes first; on a desk the controls have no line to fold them behind.
const narrow = window.matchMedia("(max-width: 63.99em)");
const fold = () => { document.getElementById("what").open = !narrow.matches; };
narrow.addEventListener("change", fold);
fold();
resultsChanged();
canvas = await makeCanvas(page, runState(), {
  pointed: (id) => list.mark(id),
  picked: (id, event) => (event.shiftKey && selection ? selection.toggle({ id }) : showCard(id)),
});

if (canvas) {
  watchPrint(canvas);
  if (selection) watchLasso(canvas, selection, runState);
  watchOverlays(canvas, (number, title) => {
    busy.textContent = number === null ? `${title} could not be fetched. Look at your connection and try again.` : number ? "" : `${title}: no place has any now.`;
  });
  document.getElementById("whole-city").addEventListener("click", () => canvas.wholeCity());
  document.getElementById("map-tools").hidden = false;
}
resultsChanged();
