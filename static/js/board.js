// The live board asks for what is new every ten seconds while it is seen, says when it cannot have it, and draws the map.
import { makeCanvas } from "./map/canvas.js";

const EVERY = 10_000;
const LATE = 25_000; // two answers missed
const COLORS = { overdue: "#b50909", present: "#00a91c", waiting: "#2378c3", resting: "#71767a", unplanned: "#71767a" };
const part = document.getElementById("board-now");
const lost = document.getElementById("board-lost");

let map = null; // once it can be drawn on
let asked = Date.now();
let answered = Date.now();

function ask() {
  asked = Date.now();
  window.htmx.trigger(part, "board:ask");
}

setInterval(() => {
  if (document.hidden) return;
  if (Date.now() - asked >= EVERY) ask();
  if (Date.now() - answered >= LATE) sayLost();
}, 1000);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && Date.now() - answered >= EVERY) ask();
});
for (const trouble of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) document.body.addEventListener(trouble, sayLost);
document.body.addEventListener("htmx:afterSwap", () => {
  answered = Date.now();
  say("");
  document.body.classList.remove("is-lost");
  showOnMap();
});

function sayLost() {
  document.body.classList.add("is-lost");
  say(`${part.dataset.lost} ${document.getElementById("board-time").textContent}.`);
}

/** A screen reader hears the words once, not at every failed try. */
function say(words) {
  if (lost.textContent !== words) lost.textContent = words;
}

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const streets = read("map-state");
const canvas = await makeCanvas(read("page-state"), streets, { pointed: () => {}, picked: () => {} });
if (canvas) {
  await canvas.ready;
  const empty = { type: "FeatureCollection", features: [] };
  canvas.map.addSource("visits", { type: "geojson", data: empty });
  canvas.map.addLayer({
    id: "visits", type: "circle", source: "visits",
    paint: { "circle-radius": 8, "circle-color": ["case", ["get", "forgotten"], "#ffbe2e", "#162e51"], "circle-stroke-color": "#fff", "circle-stroke-width": 2.5 },
  });
  canvas.map.addLayer({
    id: "visit-names", type: "symbol", source: "visits",
    layout: { "text-field": ["get", "who"], "text-font": ["sans-serif"], "text-size": 13, "text-anchor": "left", "text-offset": [0.9, 0], "text-optional": true },
    paint: { "text-color": "#162e51", "text-halo-color": "#fff", "text-halo-width": 2 },
  });
  if (!streets) { // they bring the names along
    canvas.map.addLayer({
      id: "spot-names", type: "symbol", source: "hot-spots",
      layout: { "text-field": ["get", "name"], "text-font": ["sans-serif"], "text-size": 13, "text-anchor": "bottom", "text-offset": [0, -0.6] },
      paint: { "text-color": "#1b1b1b", "text-halo-color": "#fff", "text-halo-width": 2.2 },
    });
  }
  canvas.map.on("click", "hot-spots-inside", (event) => { location.href = `/hotspots/${event.features[0].id}/`; });
  map = canvas.map;
  showOnMap();
}

/** Colors of hot spots by their state, and the visits that run. */
function showOnMap() {
  if (!map) return;
  const { states, visits } = read("map-now");
  const color = ["match", ["to-string", ["id"]], ...Object.entries(states).flatMap(([id, state]) => [id, COLORS[state]]), COLORS.resting];
  const plain = Object.keys(states).length ? color : COLORS.resting;
  map.setPaintProperty("hot-spots", "line-color", plain);
  map.setPaintProperty("hot-spots-inside", "fill-color", plain);
  map.setPaintProperty("hot-spots-inside", "fill-opacity", 0.3);
  map.getSource("visits").setData({
    type: "FeatureCollection",
    features: visits.map(({ at, ...properties }) => ({ type: "Feature", properties, geometry: { type: "Point", coordinates: at } })),
  });
  document.getElementById("map").dataset.visits = visits.length;
}
