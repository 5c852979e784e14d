// The small map on the page of a place or a hot spot: the same map, with these places marked.
import { makeCanvas } from "./map/canvas.js";
import { watchPrint } from "./map/print.js";
import { KEY } from "./map/selection.js";

const page = JSON.parse(document.getElementById("page-state").textContent);
const state = JSON.parse(document.getElementById("map-state").textContent);
const marked = document.getElementById("map-script").dataset.places.split(",").filter(Boolean).map(Number);

forgetSelection();
const canvas = await makeCanvas(page, state, { pointed: () => {}, picked: (id) => { location.href = `/places/${id}/`; } });
if (canvas) {
  watchPrint(canvas);
  await canvas.ready;
  if (state) {
    await canvas.showRun(state);
    canvas.select(marked);
  }
}

/** What was selected on the map for this hot spot has become its places. */
function forgetSelection() {
  const { places } = JSON.parse(sessionStorage.getItem(KEY) ?? '{"places": []}');
  if (marked.length > 0 && document.querySelector("[data-hot-spot]") && places.every((place) => marked.includes(place.id))) sessionStorage.removeItem(KEY);
}
