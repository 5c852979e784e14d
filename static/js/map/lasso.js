// Draw around places with mouse, pen or finger. The server says what lies inside: the tiles leave places out far off.

export function watchLasso(canvas, selection, runState) {
  watchDrawing(canvas, async (drawn, say) => {
    const state = runState();
    const text = drawn.map((pair) => pair.map((degrees) => degrees.toFixed(6)).join(",")).join(" ");
    const response = await fetch(`/map/within/?${new URLSearchParams({ run: state.run, measure: state.measure, ring: text })}`);
    const answer = await response.json().catch(() => ({ error: "That could not be looked up. Try again." }));
    if (answer.error) return say(answer.error);
    selection.add(answer.places);
    return say(answer.places.length ? "" : "No place has its middle inside that line.");
  });
}

/** The pen itself: `done` gets the points of the ring, and a function that says something under the map. */
export function watchDrawing({ map, ready }, done) {
  const button = document.getElementById("lasso");
  const hint = document.getElementById("map-hint");
  const canvas = map.getCanvasContainer();
  let ring = null;

  ready.then(() => {
    map.addSource("lasso", { type: "geojson", data: line([]) });
    map.addLayer({ id: "lasso", type: "line", source: "lasso", paint: { "line-color": "#1b1b1b", "line-width": 2, "line-dasharray": [2, 1] } });
  });

  function set(on) {
    map.drawing = on;
    button.setAttribute("aria-pressed", String(on));
    for (const handler of [map.dragPan, map.touchZoomRotate, map.boxZoom]) handler[on ? "disable" : "enable"]();
    map.touchZoomRotate.disableRotation();
    canvas.classList.toggle("is-drawing", on);
    say(on ? "Press, draw around the places, let go. Escape leaves." : "");
  }

  function say(words) {
    hint.textContent = words;
    hint.hidden = !words;
  }

  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return map.unproject([event.clientX - box.left, event.clientY - box.top]).toArray();
  };

  button.addEventListener("click", () => set(!map.drawing));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && map.drawing) { ring = null; draw([]); set(false); } });
  canvas.addEventListener("pointerdown", (event) => {
    if (!map.drawing) return;
    canvas.setPointerCapture(event.pointerId);
    ring = [at(event)];
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!ring) return;
    ring.push(at(event));
    draw(ring);
  });
  canvas.addEventListener("pointerup", async () => {
    if (!ring) return;
    const drawn = thin(ring);
    ring = null;
    draw([]);
    set(false);
    if (drawn.length >= 3) await done(drawn, say);
  });

  const draw = (points) => map.getSource("lasso")?.setData(line(points));
}

const line = (points) => ({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: points.length > 1 ? [...points, points[0]] : [] } });

/** A long stroke has thousands of points; the address of the question has room for some two hundred. */
function thin(points) {
  const step = Math.ceil(points.length / 150);
  return points.filter((_, index) => index % step === 0);
}
