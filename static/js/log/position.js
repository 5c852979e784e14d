// Where the phone is. Asked for when a place is to be guessed; followed only while the officer records a route.
import { meters } from "./geo.js";
import { changeRunning } from "./queue.js";

const FRESH_MS = 120_000;
const STEP_M = 8; // nearer points of a route say nothing new
const POOR_M = 60;
const MOST_POINTS = 5000;

export const position = { point: null, accuracy: null, at: 0, trouble: "" };
let watch = null;

export const fresh = () => (position.point && Date.now() - position.at < FRESH_MS ? position : null);
export const following = () => watch?.activity ?? null;

function found({ coords }) {
  Object.assign(position, { point: [round(coords.longitude), round(coords.latitude)], accuracy: Math.round(coords.accuracy), at: Date.now(), trouble: "" });
  return position;
}

const round = (degrees) => Math.round(degrees * 1e6) / 1e6;

const TROUBLE = {
  1: "This phone does not give its position. Allow it in the browser's settings, or choose the place.",
  2: "The position cannot be found here. Choose the place.",
  3: "Finding the position takes too long. Choose the place.",
};

/** Resolves to the position, or to null with `position.trouble` saying why. */
export function locate() {
  if (fresh()) return Promise.resolve(position);
  if (!navigator.geolocation) {
    position.trouble = TROUBLE[2];
    return Promise.resolve(null);
  }
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      (given) => resolve(found(given)),
      (error) => { position.trouble = TROUBLE[error.code] ?? TROUBLE[2]; resolve(null); },
      { enableHighAccuracy: true, maximumAge: 30_000, timeout: 10_000 },
    );
  });
}

/** Whether asking would not open a question: then the start page may look for hot spots nearby by itself. */
export async function mayLocate() {
  try {
    return (await navigator.permissions.query({ name: "geolocation" })).state === "granted";
  } catch {
    return false;
  }
}

/** Follow a foot patrol; every point is on the disk at once, so that the route survives the page. */
export function follow(running, told) {
  if (watch?.activity === running.activity) return;
  unfollow();
  const track = [...running.track ?? []];
  const step = (given) => {
    const { point, accuracy } = found(given);
    if (accuracy > POOR_M || (track.length && meters(track.at(-1), point) < STEP_M) || track.length >= MOST_POINTS) return;
    track.push(point);
    changeRunning(running.activity, { track: [...track] }).then(told);
  };
  const id = navigator.geolocation.watchPosition(step, (error) => { position.trouble = TROUBLE[error.code] ?? TROUBLE[2]; told(); }, { enableHighAccuracy: true });
  watch = { activity: running.activity, id };
}

export function unfollow() {
  if (watch) navigator.geolocation.clearWatch(watch.id);
  watch = null;
}
