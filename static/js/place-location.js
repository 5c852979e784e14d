// Placing a location by hand: a click on the map, or Enter with the point in its middle, shows what lies there.
// Saving is the form's; without this script the list of places does the same.
import { makeCanvas } from "./map/canvas.js";

const page = JSON.parse(document.getElementById("page-state").textContent);
const fit = document.getElementById("fit");
const EMPTY = { type: "FeatureCollection", features: [] };
let asked = 0;

async function look(lon, lat) {
  const mine = (asked += 1);
  fit.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(`${page.fit}?lon=${lon.toFixed(7)}&lat=${lat.toFixed(7)}`);
    if (response.redirected) return location.reload(); // the session has ended
    if (!response.ok) throw new Error(`The server answered ${response.status}.`);
    const words = await response.text();
    if (mine === asked) fit.innerHTML = words;
  } catch (error) {
    if (mine === asked) fit.textContent = "This point could not be looked up. Check your connection and click again.";
    console.warn(error);
  }
  fit.removeAttribute("aria-busy");
  return undefined;
}

const canvas = await makeCanvas(page, null, { pointed: () => {}, picked: () => {} });
if (canvas) {
  await canvas.ready;
  showStreets(canvas.map);
  showPoints(canvas.map);
  canvas.map.getContainer().dataset.ready = "true";
}

function showStreets(map) {
  map.addSource("streets", { type: "geojson", data: EMPTY });
  const is = (kind) => ["==", ["get", "kind"], kind];
  map.addLayer({ id: "complexes", type: "fill", source: "streets", filter: is("complex"), paint: { "fill-color": "#e8e2f1", "fill-outline-color": "#8168b3" } });
  map.addLayer({ id: "blocks", type: "line", source: "streets", filter: is("block"), layout: { "line-cap": "round" }, paint: { "line-color": "#8d9297", "line-width": ["interpolate", ["linear"], ["zoom"], 11, 0.6, 15, 3, 18, 8] } });
  const text = { "text-font": ["sans-serif"], "text-size": 12 };
  const paint = { "text-color": "#1b1b1b", "text-halo-color": "#ffffff", "text-halo-width": 1.6 };
  map.addLayer({ id: "street-names", type: "symbol", source: "streets", minzoom: 13, filter: is("block"), layout: { ...text, "text-field": ["get", "street"], "symbol-placement": "line-center" }, paint });
  map.addLayer({ id: "complex-names", type: "symbol", source: "streets", minzoom: 15, filter: is("complex"), layout: { ...text, "text-field": ["get", "name"], "text-max-width": 7 }, paint });

  let shown = 0;
  const load = async () => {
    const mine = (shown += 1);
    const bounds = map.getBounds();
    const clamp = (value, most) => Math.max(-most, Math.min(most, value)).toFixed(5);
    const box = new URLSearchParams({
      west: clamp(bounds.getWest(), 180), south: clamp(bounds.getSouth(), 90),
      east: clamp(bounds.getEast(), 180), north: clamp(bounds.getNorth(), 90),
    });
    const response = await fetch(`${page.streets}?${box}`);
    if (response.ok && !response.redirected && mine === shown) map.getSource("streets").setData(await response.json());
  };
  map.on("moveend", load);
  load();
}

function showPoints(map) {
  const points = (at) => ({ type: "FeatureCollection", features: at ? [{ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: at } }] : [] });
  map.addSource("reported", { type: "geojson", data: points(page.reported) });
  map.addSource("chosen", { type: "geojson", data: points(page.point) });
  map.addLayer({ id: "reported", type: "circle", source: "reported", paint: { "circle-radius": 6, "circle-color": "#ffffff", "circle-stroke-color": "#5c5c5c", "circle-stroke-width": 2 } });
  map.addLayer({ id: "chosen", type: "circle", source: "chosen", paint: { "circle-radius": 8, "circle-color": "#b50909", "circle-stroke-color": "#ffffff", "circle-stroke-width": 3 } });

  const choose = ({ lng, lat }) => {
    map.getSource("chosen").setData(points([lng, lat]));
    look(lng, lat);
  };
  map.on("click", (event) => choose(event.lngLat));
  map.getCanvas().addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    choose(map.getCenter());
  });
  // A place of the list is shown without loading the page again.
  for (const link of document.querySelectorAll(".placing__found a")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const at = { lng: Number(link.dataset.lon), lat: Number(link.dataset.lat) };
      for (const other of document.querySelectorAll(".placing__found a")) other.toggleAttribute("aria-current", false);
      link.setAttribute("aria-current", "true");
      map.easeTo({ center: at, zoom: Math.max(map.getZoom(), 16), animate: false });
      choose(at);
      document.getElementById("fit-title").scrollIntoView({ block: "nearest" });
    });
  }
}
