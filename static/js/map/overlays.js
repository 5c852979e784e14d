// Numbers of other parts of the program on the map, fetched when they are asked for: a circle with its number on each place.

const COLOR = "#162e51";

export function watchOverlays(canvas, say) {
  for (const button of document.querySelectorAll(".map-tool[data-overlay]")) {
    const id = `overlay-${button.id}`;
    button.addEventListener("click", async () => {
      const shown = button.getAttribute("aria-pressed") === "true";
      try {
        if (shown) hide(canvas.map, id);
        else say(await show(canvas, id, button.dataset.overlay), button.textContent.trim());
        button.setAttribute("aria-pressed", String(!shown));
      } catch (error) {
        say(null, button.textContent.trim());
        console.warn(error);
      }
    });
  }
}

/** Resolves to the number of places that have any. */
async function show(canvas, id, url) {
  const response = await fetch(url);
  if (response.status === 401) return location.reload(); // the session has ended
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  const data = await response.json();
  await canvas.ready;
  hide(canvas.map, id);
  canvas.map.addSource(id, { type: "geojson", data });
  const radius = ["interpolate", ["linear"], ["sqrt", ["get", "count"]], 1, 10, 5, 22];
  canvas.map.addLayer({
    id, type: "circle", source: id,
    paint: { "circle-radius": radius, "circle-color": COLOR, "circle-stroke-color": "#ffffff", "circle-stroke-width": 2 },
  });
  canvas.map.addLayer({
    id: `${id}-numbers`, type: "symbol", source: id,
    layout: { "text-field": ["to-string", ["get", "count"]], "text-font": ["sans-serif"], "text-size": 13, "text-allow-overlap": true },
    paint: { "text-color": "#ffffff" },
  });
  return data.features.length;
}

function hide(map, id) {
  for (const layer of [`${id}-numbers`, id]) if (map.getLayer(layer)) map.removeLayer(layer);
  if (map.getSource(id)) map.removeSource(id);
}
