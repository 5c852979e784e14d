// The small map on the page of an activity: its hot spot or place, the route that was walked, where the phone was.
import { makeCanvas } from "./map/canvas.js";
import { watchPrint } from "./map/print.js";

const page = JSON.parse(document.getElementById("page-state").textContent);
const state = JSON.parse(document.getElementById("map-state").textContent);
const ACCENT = "#005ea2";

const canvas = await makeCanvas(page, state, { pointed: () => {}, picked: (id) => { location.href = `/places/${id}/`; } });
if (canvas) {
  watchPrint(canvas);
  await canvas.ready;
  if (state) await canvas.showRun(state);
  draw(canvas.map);
  canvas.map.getContainer().dataset.ready = "true";
}

function draw(map) {
  map.addSource("drawn", { type: "geojson", data: page.drawn });
  const is = (...what) => ["in", ["get", "what"], ["literal", what]];
  map.addLayer({ id: "drawn-outline", type: "line", source: "drawn", filter: is("hot_spot", "place"), paint: { "line-color": ACCENT, "line-width": 3 } });
  map.addLayer({ id: "drawn-address", type: "circle", source: "drawn", filter: ["all", is("place"), ["==", ["geometry-type"], "Point"]], paint: { "circle-radius": 7, "circle-color": "#ffffff", "circle-stroke-color": ACCENT, "circle-stroke-width": 3 } });
  map.addLayer({ id: "drawn-route", type: "line", source: "drawn", filter: is("route"), paint: { "line-color": "#b50909", "line-width": 3, "line-dasharray": [2, 1] } });
  map.addLayer({ id: "drawn-point", type: "circle", source: "drawn", filter: is("point"), paint: { "circle-radius": 6, "circle-color": ACCENT, "circle-stroke-color": "#ffffff", "circle-stroke-width": 2 } });
}
