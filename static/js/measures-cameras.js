// Cameras on the map: each as a dot and the sector that it sees. On the form, the sector follows what is typed.
import { makeCanvas } from "./map/canvas.js";
import { watchPrint } from "./map/print.js";

const page = JSON.parse(document.getElementById("page-state").textContent);
const state = JSON.parse(document.getElementById("map-state").textContent);
const form = document.getElementById("camera-form");
const METERS_A_DEGREE = 111_195; // along a meridian

const canvas = await makeCanvas(page, state, { pointed: () => {}, picked: () => {} });
if (canvas) {
  watchPrint(canvas);
  await canvas.ready;
  if (state) await canvas.showRun(state);
  showViews(canvas.map);
  if (form) follow(canvas.map);
  else link(canvas.map);
  canvas.map.getContainer().dataset.ready = "true";
}

function showViews(map) {
  if (page.place) {
    map.addSource("place", { type: "geojson", data: page.place });
    map.addLayer({ id: "place-inside", type: "fill", source: "place", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": "#6b5b95", "fill-opacity": 0.15 } });
    map.addLayer({ id: "place-line", type: "line", source: "place", layout: { "line-cap": "round" }, paint: { "line-color": "#6b5b95", "line-width": 3 } });
  }
  map.addSource("views", { type: "geojson", data: page.views });
  const is = (type) => ["==", ["geometry-type"], type];
  map.addLayer({ id: "views", type: "fill", source: "views", filter: is("Polygon"), paint: { "fill-color": "#005ea2", "fill-opacity": 0.25, "fill-outline-color": "#005ea2" } });
  map.addLayer({ id: "cameras", type: "circle", source: "views", filter: is("Point"), paint: { "circle-radius": 6, "circle-color": "#005ea2", "circle-stroke-color": "#ffffff", "circle-stroke-width": 2 } });
}

function link(map) {
  map.on("click", "cameras", ({ features }) => { location.href = `${page.measures}${features[0].properties.measure}/`; });
}

/** The form says where the camera is, and the map shows and changes it. */
function follow(map) {
  const value = (name) => Number(form.elements[name].value);
  const draw = () => map.getSource("views").setData({ type: "FeatureCollection", features: [sector(), dot()] });
  const dot = () => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [value("lon"), value("lat")] } });

  function sector() {
    const [lon, lat, reach, angle] = [value("lon"), value("lat"), value("reach_m"), Math.min(value("angle"), 360)];
    const arc = Array.from({ length: 25 }, (_, step) => {
      const bearing = ((value("direction") + angle * (step / 24 - 0.5)) * Math.PI) / 180;
      const north = (reach * Math.cos(bearing)) / METERS_A_DEGREE;
      const east = (reach * Math.sin(bearing)) / (METERS_A_DEGREE * Math.cos((lat * Math.PI) / 180));
      return [lon + east, lat + north];
    });
    return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [[[lon, lat], ...arc, [lon, lat]]] } };
  }

  function move({ lng, lat }) {
    form.elements.lon.value = lng.toFixed(6);
    form.elements.lat.value = lat.toFixed(6);
    draw();
  }

  map.on("click", (event) => move(event.lngLat));
  map.getCanvas().addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    move(map.getCenter());
  });
  form.addEventListener("input", draw);
  draw();
}
