// The map of who gets a letter: the area, a dot for each address, and drawing another area. The form and the list work
// without it: distance and complexes need no map, and every area comes back from the server with its list.
import { makeCanvas } from "./map/canvas.js";
import { watchDrawing } from "./map/lasso.js";

const page = JSON.parse(document.getElementById("page-state").textContent);
const state = JSON.parse(document.getElementById("map-state").textContent);
const form = document.getElementById("area-form");
const tools = document.getElementById("map-tools");
const drawn = () => JSON.parse(document.getElementById("letters-drawn").textContent);

const canvas = await makeCanvas(page, state, { pointed: () => {}, picked: () => {} });
if (canvas) {
  await canvas.ready;
  if (state) await canvas.showRun(state);
  showArea(canvas.map);
  look(canvas.map);
  watchDrawing(canvas, (ring) => send(ring));
  tools.hidden = false;
  document.getElementById("whole-area").addEventListener("click", () => look(canvas.map));
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id === "selection") refresh(canvas.map);
  });
  canvas.map.getContainer().dataset.ready = "true";
}

function points(places) {
  const features = places.map((at) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: at } }));
  return { type: "FeatureCollection", features };
}

function shape(geometry) {
  return { type: "Feature", properties: {}, geometry };
}

function showArea(map) {
  const { area, letters, leftOut } = drawn();
  map.addSource("letters-area", { type: "geojson", data: shape(area) });
  map.addSource("letters-out", { type: "geojson", data: points(leftOut) });
  map.addSource("letters-to", { type: "geojson", data: points(letters) });
  map.addLayer({ id: "letters-area", type: "fill", source: "letters-area", paint: { "fill-color": "#005ea2", "fill-opacity": 0.12 } });
  map.addLayer({ id: "letters-line", type: "line", source: "letters-area", paint: { "line-color": "#005ea2", "line-width": 2 } });
  const dot = (id, color, edge) => ({ id, type: "circle", source: id, paint: { "circle-radius": ["interpolate", ["linear"], ["zoom"], 12, 2, 17, 6], "circle-color": color, "circle-stroke-color": edge, "circle-stroke-width": 1.5 } });
  map.addLayer(dot("letters-out", "#ffffff", "#5c5c5c"));
  map.addLayer(dot("letters-to", "#005ea2", "#ffffff"));
}

function refresh(map) {
  const { area, letters, leftOut } = drawn();
  map.getSource("letters-area").setData(shape(area));
  map.getSource("letters-out").setData(points(leftOut));
  map.getSource("letters-to").setData(points(letters));
  look(map);
}

function look(map) {
  const [west, south, east, north] = drawn().extent;
  map.fitBounds([west, south, east, north], { padding: 48, animate: false });
}

/** What was drawn becomes the area of the draft; the answer is its list. */
function send(ring) {
  form.elements.shape.value = JSON.stringify({ type: "Polygon", coordinates: [[...ring, ring[0]]] });
  form.querySelector("input[name=scope][value=drawn]").checked = true;
  form.dispatchEvent(new Event("change", { bubbles: true }));
}
