// The map itself: MapLibre GL over our own tiles. Fonts are the browser's own and nothing is asked of another origin.
import { colorOf, widthOf, NOTHING } from "./paint.js";

const script = document.getElementById("map-script");
const LAYERS = { block: "blocks", complex: "complexes", address: "addresses" };
const FONT = ["sans-serif"];
const EMPTY = { type: "FeatureCollection", features: [] };
const INK = "#1b1b1b";
const MARK = "#00b8d9"; // cyan stands apart from every color of the scale

/**
 * Resolves to the map's few verbs, or to null where the browser cannot draw it; the list and charts work without.
 * A run that is `plain` is drawn for its streets and names alone: nothing is pointed at or picked.
 */
export async function makeCanvas(page, first, { pointed, picked }) {
  const container = document.getElementById("map");
  let library;
  let map;
  try {
    library = await import(script.dataset.maplibre);
    library.setWorkerUrl(new URL(script.dataset.worker, location.href).href);
    // A basemap that cannot be had is no reason to go without the map.
    const basemap = await basemapStyle(page.basemap, library).catch((error) => {
      console.warn(error);
      return { sources: {}, layers: [] };
    });
    map = new library.Map({
      container,
      style: style(page, basemap, first),
      hash: !page.small, // the address of the whole map says where one looks
      minZoom: 8,
      maxZoom: 19,
      pitchWithRotate: false,
      dragRotate: false,
      attributionControl: page.basemap ? { compact: true } : false,
      locale: { "Map.Title": "Map. Arrow keys move it, plus and minus zoom." },
      ...view(page),
    });
  } catch (error) {
    trouble("This browser cannot draw the map (WebGL is off or missing). The list and the charts beside it say the same.");
    console.warn(error);
    return null;
  }
  map.touchZoomRotate.disableRotation();
  map.addControl(new library.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new library.ScaleControl({ unit: "imperial" }), "bottom-right");
  new ResizeObserver(() => map.resize()).observe(container);

  const ready = new Promise((resolve) => { map.once("style.load", resolve); });
  let state = first;
  let marked = null;
  let selected = [];

  const feature = (id) => ({ source: "run", sourceLayer: state.layer, id });

  function mark(id) {
    if (!state || id === marked || !map.getSource("run")) return;
    if (marked) map.setFeatureState(feature(marked), { marked: false });
    marked = id;
    if (id) map.setFeatureState(feature(id), { marked: true });
  }

  function featureAt(point) {
    const box = [[point.x - 5, point.y - 5], [point.x + 5, point.y + 5]];
    const found = map.queryRenderedFeatures(box, { layers: hitLayers(state) });
    // Where several lie under the pointer, the one with most incidents is meant.
    return found.sort((a, b) => (b.properties.count ?? 0) - (a.properties.count ?? 0))[0] ?? null;
  }

  map.on("mousemove", (event) => {
    if (!state || state.plain || map.drawing) return;
    const found = featureAt(event.point);
    map.getCanvas().style.cursor = found ? "pointer" : "";
    mark(found?.id ?? null);
    pointed(found?.id ?? null);
  });
  map.on("mouseout", () => { mark(null); pointed(null); });
  map.on("click", (event) => {
    if (!state || state.plain || map.drawing) return;
    const spot = map.queryRenderedFeatures(event.point, { layers: ["hot-spot-names"] })[0];
    if (spot) { location.href = `/hotspots/${spot.id}/`; return; }
    const found = featureAt(event.point);
    if (found) picked(found.id, event.originalEvent);
  });
  map.on("idle", () => { container.dataset.idle = "true"; });
  map.on("dataloading", () => { delete container.dataset.idle; });

  return {
    map,
    ready,
    async showRun(next) {
      await ready;
      container.dataset.run = next.run;
      if (state === next) return;
      if (state && state.layer !== next.layer) { mark(null); this.select([]); }
      const source = map.getSource("run");
      if (!source) {
        map.addSource("run", runSource(next));
        for (const layer of runLayers(next)) map.addLayer(layer, "beats");
        for (const layer of nameLayers()) map.addLayer(layer);
      } else if (state.run !== next.run) {
        source.setTiles(runSource(next).tiles);
      }
      state = next;
      for (const layer of runLayers(next)) {
        for (const [name, value] of Object.entries(layer.paint)) map.setPaintProperty(layer.id, name, value);
      }
    },
    point: mark,
    async select(ids) {
      await ready;
      if (!state || !map.getSource("run")) return;
      for (const id of selected) map.setFeatureState(feature(id), { selected: false });
      selected = [...ids];
      for (const id of selected) map.setFeatureState(feature(id), { selected: true });
    },
    go(id, lonLat) {
      mark(id);
      const zoom = Math.max(map.getZoom(), 15);
      map.easeTo({ center: lonLat, zoom });
    },
    wholeCity() {
      if (page.extent) map.fitBounds(page.extent, { padding: 24 });
    },
  };
}

function trouble(words) {
  const box = document.getElementById("map-trouble");
  box.textContent = words;
  box.hidden = false;
}

function view(page) {
  if (page.extent) return { bounds: page.extent, fitBoundsOptions: { padding: 24 } };
  return { center: [-95.26, 37.34], zoom: 12 };
}

function hitLayers(state) {
  return { block: ["run-blocks"], complex: ["run-complexes"], address: ["run-addresses"] }[state.kind];
}

function runSource(state) {
  return { type: "vector", tiles: [location.origin + state.tiles], minzoom: state.zooms[0], maxzoom: state.zooms[1] };
}

function style(page, basemap, state) {
  return {
    version: 8,
    sources: {
      ...basemap.sources,
      areas: { type: "geojson", data: page.areas ?? EMPTY },
      "hot-spots": { type: "geojson", data: page.hotSpots ?? EMPTY },
      // With the first style, so that the tiles are asked for at once.
      ...(state ? { run: runSource(state) } : {}),
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": "#eef0f2" } },
      { id: "city", type: "fill", source: "areas", filter: kindIs("boundary"), paint: { "fill-color": "#fbfbfa", "fill-opacity": page.basemap ? 0 : 1 } },
      ...basemap.layers,
      { id: "neighborhoods", type: "line", source: "areas", minzoom: 12, filter: kindIs("neighborhood"), paint: { "line-color": "#b9c0c8", "line-width": 1, "line-dasharray": [1, 2] } },
      ...(state ? runLayers(state) : []),
      { id: "beats", type: "line", source: "areas", filter: kindIs("beat"), paint: { "line-color": "#4a5a6e", "line-width": 1.2, "line-dasharray": [4, 3], "line-opacity": ["interpolate", ["linear"], ["zoom"], 10, 0.25, 13, 0.9] } },
      { id: "boundary", type: "line", source: "areas", filter: kindIs("boundary"), paint: { "line-color": "#2b3a4d", "line-width": 1.8 } },
      { id: "hot-spots", type: "line", source: "hot-spots", paint: { "line-color": INK, "line-width": 2.5 } },
      { id: "hot-spots-inside", type: "fill", source: "hot-spots", paint: { "fill-color": INK, "fill-opacity": 0.06 } },
      ...(state ? nameLayers() : []),
    ],
  };
}

const kindIs = (kind) => ["==", ["get", "kind"], kind];
const flag = (name) => ["boolean", ["feature-state", name], false];
const onlyWhen = (shown) => ["case", flag("marked"), shown, flag("selected"), shown, 0];

function runLayers(state) {
  const round = { "line-cap": "round", "line-join": "round" };
  const color = colorOf(state);
  const width = widthOf(state);
  const isKind = (kind) => state.kind === kind;
  const layer = (id, type, of, paint, layout = {}) => ({ id, type, source: "run", "source-layer": of, paint, layout });
  const edge = (plain) => ["case", flag("marked"), MARK, flag("selected"), MARK, plain];
  const edgeWidth = (plain) => ["case", flag("marked"), 4, flag("selected"), 4, plain];
  return [
    layer("run-complexes", "fill", "complexes", isKind("complex")
      ? { "fill-color": color, "fill-opacity": 0.75 }
      : { "fill-color": "#6b5b95", "fill-opacity": 0.12 }),
    layer("run-complexes-line", "line", "complexes", isKind("complex")
      ? { "line-color": edge("#4b4453"), "line-width": edgeWidth(1) }
      : { "line-color": "#6b5b95", "line-width": 0.8 }),
    layer("run-blocks-mark", "line", "blocks", { "line-color": MARK, "line-opacity": onlyWhen(1), "line-width": byZoom(["literal", 9], 1) }, round),
    layer("run-blocks", "line", "blocks", isKind("block")
      ? { "line-color": color, "line-width": byZoom(width, 1) }
      : { "line-color": NOTHING, "line-width": byZoom(["literal", 1], 1) },
    // What has most incidents lies on top where lines cross.
    { ...round, "line-sort-key": ["coalesce", ["get", "count"], 0] }),
    layer("run-addresses", "circle", "addresses", isKind("address")
      ? { "circle-color": color, "circle-radius": byZoom(width, 0.9), "circle-stroke-color": edge("#ffffff"), "circle-stroke-width": edgeWidth(0.6) }
      : { "circle-color": "#8a929b", "circle-radius": 2.5, "circle-stroke-width": 0 }),
  ];
}

function nameLayers() {
  const text = (layer, from, name, more, paint) => ({
    id: `${layer}-names`, type: "symbol", source: "run", "source-layer": layer, minzoom: from,
    layout: { "text-field": ["get", name], "text-font": FONT, "text-size": 12, ...more },
    paint: { "text-color": "#3d4551", "text-halo-color": "#ffffff", "text-halo-width": 1.6, ...paint },
  });
  const areaName = (id, kind, from, size, color) => ({
    id, type: "symbol", source: "areas", minzoom: from, filter: kindIs(kind),
    layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": size, "text-max-width": 8, "text-padding": 24 },
    paint: { "text-color": color, "text-halo-color": "#ffffff", "text-halo-width": 1.8 },
  });
  return [
    text("streets", 13.5, "name", { "symbol-placement": "line", "symbol-spacing": 420, "text-size": ["interpolate", ["linear"], ["zoom"], 14, 10.5, 17, 14], "text-padding": 6 }),
    text("complexes", 15, "name", { "text-max-width": 7 }, { "text-color": "#40305c" }),
    text("addresses", 17.5, "name", { "text-size": 11, "text-offset": [0, 0.9], "text-max-width": 7 }),
    areaName("neighborhood-names", "neighborhood", 12.5, 11, "#6a7480"),
    areaName("beat-names", "beat", 10, 13, "#2b3a4d"),
    {
      id: "hot-spot-names", type: "symbol", source: "hot-spots",
      layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 13, "text-anchor": "bottom", "text-allow-overlap": true },
      paint: { "text-color": INK, "text-halo-color": "#ffffff", "text-halo-width": 2.2 },
    },
  ];
}

/** Lines stay readable from the whole city to the doorstep. */
function byZoom(width, plain) {
  return ["interpolate", ["exponential", 1.5], ["zoom"], 9, ["*", width, 0.25 * plain], 12, ["*", width, 0.55 * plain], 15, ["*", width, 1.5 * plain], 18, ["*", width, 3.2 * plain]];
}

async function basemapStyle(basemap, library) {
  if (!basemap) return { sources: {}, layers: [] };
  if (basemap.type === "xyz") {
    const url = basemap.url.startsWith("/") ? location.origin + basemap.url : basemap.url;
    return {
      sources: { basemap: { type: "raster", tiles: [url], tileSize: 256 } },
      layers: [{ id: "basemap", type: "raster", source: "basemap", paint: { "raster-saturation": -0.8, "raster-opacity": 0.6 } }],
    };
  }
  const { pmtilesBasemap } = await import("./basemap.js");
  return pmtilesBasemap(basemap.url, library, script.dataset.pmtiles);
}
