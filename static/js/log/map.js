// A drawn map of what the phone knows: streets, complexes, hot spots, where one is. It needs no tiles, no signal and
// no graphics card. Fingers move and stretch it; arrow keys move it, plus and minus zoom, Enter takes the middle.
import { h } from "./dom.js";
import { polygons } from "./geo.js";

const MOST_PX_PER_M = 4;
const LEAST_PX_PER_M = 0.01;
const EARTH = 111_195; // meters in a degree of latitude

export function drawMap({ places, hotSpots, center, you, picked }) {
  const canvas = h("canvas", { class: "map", tabindex: "0", role: "application", "aria-label": "Map. Tap a hot spot or street to choose it. Arrow keys move the map, plus and minus zoom, Enter chooses the middle." });
  const view = { lon: center[0], lat: center[1], scale: 0.6 };
  const east = EARTH * Math.cos(center[1] * Math.PI / 180);
  let [width, height, asked, chosen] = [0, 0, false, null];

  const x = (lon) => width / 2 + (lon - view.lon) * east * view.scale;
  const y = (lat) => height / 2 - (lat - view.lat) * EARTH * view.scale;
  const place = (px, py) => [view.lon + (px - width / 2) / east / view.scale, view.lat - (py - height / 2) / EARTH / view.scale];

  function later() {
    if (!asked) requestAnimationFrame(draw);
    asked = true;
  }

  function path(context, points) {
    points.forEach(([lon, lat], n) => (n ? context.lineTo(x(lon), y(lat)) : context.moveTo(x(lon), y(lat))));
  }

  function draw() {
    asked = false;
    if (!canvas.isConnected) return;
    const colors = getComputedStyle(canvas);
    const color = (name) => colors.getPropertyValue(name).trim();
    const dots = window.devicePixelRatio || 1;
    [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (canvas.width !== Math.round(width * dots) || canvas.height !== Math.round(height * dots)) {
      canvas.width = Math.round(width * dots);
      canvas.height = Math.round(height * dots);
    }
    const context = canvas.getContext("2d");
    context.setTransform(dots, 0, 0, dots, 0, 0);
    context.fillStyle = color("--map-ground");
    context.fillRect(0, 0, width, height);
    context.lineJoin = context.lineCap = "round";
    const [west, north] = place(-40, -40);
    const [right, south] = place(width + 40, height + 40);
    const shown = places.filter(({ line }) => line.some(([lon, lat]) => lon > west && lon < right && lat > south && lat < north));

    context.fillStyle = color("--map-complex");
    for (const one of shown.filter(({ kind }) => kind === "complex")) { context.beginPath(); path(context, one.line); context.fill(); }
    context.beginPath();
    for (const one of shown.filter(({ kind }) => kind === "block")) path(context, one.line);
    context.strokeStyle = color("--map-street");
    context.lineWidth = Math.min(10, Math.max(1, 9 * view.scale));
    context.stroke();

    for (const spot of hotSpots) {
      context.beginPath();
      for (const polygon of polygons(spot.geometry)) for (const ring of polygon) { path(context, ring); context.closePath(); }
      context.fillStyle = color("--map-hot-ground");
      context.fill("evenodd");
      context.strokeStyle = color("--map-hot");
      context.lineWidth = 3;
      context.stroke();
    }
    const taken = names(context, color, shown);
    for (const spot of hotSpots) name(context, color, taken, spot.name, x(spot.center[0]), y(spot.center[1]), "700 15px");
    if (you?.point) {
      const [px, py] = [x(you.point[0]), y(you.point[1])];
      context.beginPath();
      context.arc(px, py, Math.max(9, Math.min(60, (you.accuracy ?? 0) * view.scale)), 0, 7);
      context.fillStyle = color("--map-you-ground");
      context.fill();
      context.beginPath();
      context.arc(px, py, 7, 0, 7);
      context.fillStyle = color("--map-you");
      context.fill();
      context.strokeStyle = color("--map-ground");
      context.lineWidth = 2;
      context.stroke();
    }
    if (chosen) {
      context.beginPath();
      context.arc(x(chosen[0]), y(chosen[1]), 12, 0, 7);
      context.strokeStyle = color("--map-chosen");
      context.lineWidth = 4;
      context.stroke();
    }
    canvas.dataset.drawn = String(shown.length);
  }

  function names(context, color, shown) {
    const taken = [];
    // Hot spots' names come later, and have the first claim on the room.
    for (const spot of hotSpots) taken.push([x(spot.center[0]) - 70, y(spot.center[1]) - 12, 140, 24]);
    if (view.scale > 0.5) for (const one of shown) name(context, color, taken, one.name, x(one.point[0]), y(one.point[1]), "13px", true);
    return taken;
  }

  function name(context, color, taken, text, px, py, font, mind = false) {
    context.font = `${font} system-ui, sans-serif`;
    const wide = context.measureText(text).width;
    const box = [px - wide / 2 - 4, py - 10, wide + 8, 20];
    if (mind && taken.some(([left, top, w, hi]) => box[0] < left + w && left < box[0] + box[2] && box[1] < top + hi && top < box[1] + box[3])) return;
    taken.push(box);
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.strokeStyle = color("--map-ground");
    context.lineWidth = 4;
    context.strokeText(text, px, py);
    context.fillStyle = color("--map-ink");
    context.fillText(text, px, py);
  }

  function zoom(by, px = width / 2, py = height / 2) {
    const [lon, lat] = place(px, py);
    view.scale = Math.min(MOST_PX_PER_M, Math.max(LEAST_PX_PER_M, view.scale * by));
    const [nowLon, nowLat] = place(px, py);
    view.lon += lon - nowLon;
    view.lat += lat - nowLat;
    later();
  }

  function move(dx, dy) {
    view.lon -= dx / east / view.scale;
    view.lat += dy / EARTH / view.scale;
    later();
  }

  function pick(px, py) {
    chosen = place(px, py);
    later();
    picked(chosen);
  }

  const fingers = new Map();
  let moved = 0;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, at(event));
    if (fingers.size === 1) moved = 0;
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = at(event);
    moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const apart = (a) => Math.hypot(a[0] - other[0], a[1] - other[1]);
      move((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
      zoom(apart(now) / Math.max(1, apart(before)), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    } else {
      move(now[0] - before[0], now[1] - before[1]);
    }
    fingers.set(event.pointerId, now);
  });
  canvas.addEventListener("pointerup", (event) => {
    const alone = fingers.size === 1;
    fingers.delete(event.pointerId);
    // A gloved finger is never quite still.
    if (alone && moved < 14) pick(...at(event));
  });
  canvas.addEventListener("pointercancel", (event) => fingers.delete(event.pointerId));
  canvas.addEventListener("wheel", (event) => { event.preventDefault(); zoom(event.deltaY < 0 ? 1.25 : 0.8, ...at(event)); }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const keys = { ArrowLeft: () => move(60, 0), ArrowRight: () => move(-60, 0), ArrowUp: () => move(0, 60), ArrowDown: () => move(0, -60), "+": () => zoom(1.4), "=": () => zoom(1.4), "-": () => zoom(0.7), Enter: () => pick(width / 2, height / 2) };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  new ResizeObserver(later).observe(canvas);
  later();

  return { canvas, zoom, go([lon, lat], scale = Math.max(view.scale, 0.6)) { Object.assign(view, { lon, lat, scale }); later(); } };
}
