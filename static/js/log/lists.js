// What the phone knows: read from the disk, so that it is there without signal, and asked for anew when there is one.
import { contains, decode, meters, metersTo, metersToLine } from "./geo.js";
import { queued } from "./queue.js";
import { all, forgetLists, keep, recall } from "./store.js";
import { useZone } from "./words.js";

const PLACES = "/log/places/";
const PLACES_KEPT_MS = 6 * 3_600_000;
const SESSION_MS = 12 * 3_600_000; // as long as any sign-in lasts
const NEAREST_M = 500; // a stop is logged against the nearest place within this

export const phone = { officer: null, state: null, queue: [], running: [], mine: [], recent: {}, unit: null, signedOut: false, offset: 0, contact: 0, places: [] };

/** The server's clock as far as this phone knows it: whether a visit is due does not hang on a wrong clock here. */
export const serverNow = () => Date.now() + phone.offset * 1000;
export const label = (kind) => phone.state?.choices?.kind?.find(([value]) => value === kind)?.[1];
export const hotSpot = (id) => phone.state?.hot_spots.find((spot) => spot.id === id) ?? null;
export const place = (id) => phone.places.find((one) => one.id === id) ?? null;
export const choices = (name) => phone.state?.choices?.[name] ?? [];

export async function load() {
  const [officer, state, recent, unit, signedOut, offset, contact] = await Promise.all(
    ["officer", "state", "recent", "unit", "signed_out", "offset_s", "contact"].map(recall),
  );
  const [queue, running, mine] = await Promise.all([queued(), all("running"), all("mine")]);
  Object.assign(phone, { officer: officer ?? null, state: state ?? null, recent: recent ?? {}, unit: unit ?? null, signedOut: Boolean(signedOut), offset: offset ?? 0, contact: contact ?? 0, queue });
  useZone(state?.zone);
  phone.mine = mine.filter((one) => one.officer === officer?.id).sort((a, b) => b.made_at - a.made_at);
  // An end that is held in memory alone leaves its visit on the disk until it is sent.
  const ended = new Set(queue.filter((item) => ["end", "cancel"].includes(item.entry.type)).map((item) => item.entry.activity));
  phone.running = [...running.filter((one) => !ended.has(one.activity)), ...elsewhere(running, ended)];
}

/** Visits that run by the server's knowledge alone: begun on another device, or before this one lost its memory. */
function elsewhere(running, ended) {
  const here = new Set([...running.map((one) => one.activity), ...ended, ...phone.mine.map((one) => one.id)]);
  return (phone.state?.running ?? []).filter((one) => !here.has(one.activity)).map((one) => ({
    activity: one.activity, kind: one.kind, started_at: one.started_at, officer: phone.officer?.id, officer_name: phone.officer?.name,
    at: { hot_spot: one.hot_spot, place: one.place, label: hotSpot(one.hot_spot)?.name ?? place(one.place)?.name ?? "Another place" },
    details: {}, note: "", track: [], assignment: null, unit: null, operation: null, elsewhere: true,
  }));
}

export const own = () => phone.running.find((one) => one.officer === phone.officer?.id) ?? null;
export const waiting = () => phone.queue.filter((item) => item.officer === phone.officer?.id);
export const others = () => phone.queue.filter((item) => item.officer !== phone.officer?.id);

/**
 * Next visits that are still to be made, overdue first: as the server orders them, without those made here since, and
 * with those whose start was canceled here and which the server therefore still takes for begun.
 */
export function nextVisits() {
  const counted = phone.mine.filter((one) => one.what !== "canceled");
  const made = new Set([...phone.running, ...counted].map((one) => one.assignment).filter(Boolean));
  const known = phone.state?.next ?? [];
  const back = phone.mine.filter((one) => one.what === "canceled" && one.state === "waiting" && one.visit).map((one) => one.visit);
  const missing = back.filter((visit) => !known.some((one) => one.assignment === visit.assignment));
  const over = (visit) => visit.ends_at && new Date(visit.ends_at) < serverNow(); // its shift
  const visits = [...known, ...missing].filter((visit) => !made.has(visit.assignment) && !over(visit));
  return visits.sort((a, b) => new Date(a.due_at) - new Date(b.due_at));
}

/** Saturation operations that are open: the server's, and those opened here that it has not heard of yet. */
export function operations() {
  const told = phone.queue.filter((item) => item.entry.type === "operation").map((item) => item.entry);
  const closed = new Set(told.filter((one) => one.ended_at).map((one) => one.operation));
  const known = new Map((phone.state?.operations ?? []).map((one) => [one.id, one]));
  for (const one of told) if (!known.has(one.operation)) known.set(one.operation, { id: one.operation, hot_spot: one.hot_spot, name: one.name, started_at: one.started_at, coordinator: one.officer });
  return [...known.values()].filter((one) => !closed.has(one.id));
}

/** Lists of a sign-in that must be over by now go, unless something of that officer still waits. */
export async function dropStale() {
  await load();
  if (phone.signedOut && phone.contact && Date.now() - phone.contact > SESSION_MS && !phone.queue.length && !phone.running.length) await forgetLists();
}

export async function loadPlaces() {
  const known = await recall("places");
  phone.places = (known ?? []).map(([id, kind, name, lon, lat, spot, outline]) => ({
    id, kind, name, point: [lon, lat], hot_spot: spot, line: outline ? decode(outline) : [[lon, lat]], words: words(name),
  }));
}

/** Asks for the places a few times a shift; the answer is empty when nothing has changed. */
export async function refreshPlaces() {
  if (phone.places.length && Date.now() - ((await recall("places_at")) ?? 0) < PLACES_KEPT_MS) return;
  const etag = phone.places.length ? await recall("places_etag") : null;
  const response = await fetch(PLACES, { cache: "no-store", redirect: "manual", headers: etag ? { "If-None-Match": etag } : {} });
  if (response.status === 304) return void await keep({ places_at: Date.now() });
  if (!response.ok) return;
  const { places } = await response.json();
  await keep({ places, places_etag: response.headers.get("ETag"), places_at: Date.now() });
  await loadPlaces();
}

const words = (text) => text.toLowerCase().split(/[^a-z0-9]+/).filter(Boolean);

const ofHotSpot = (spot, more = {}) => ({ label: spot.name, hot_spot: spot.id, place: null, point: null, accuracy_m: null, ...more });
const ofPlace = (one, more = {}) => ({ label: one.name, hot_spot: one.hot_spot, place: one.id, point: null, accuracy_m: null, ...more });
export { ofHotSpot, ofPlace };

/** Hot spots and places whose words begin with those typed; hot spots first. */
export function search(text, most = 12) {
  const asked = words(text);
  if (!asked.length) return [];
  const fits = (have) => asked.every((word) => have.some((one) => one.startsWith(word)));
  const spots = (phone.state?.hot_spots ?? []).filter((spot) => fits(words(spot.name))).map((spot) => ofHotSpot(spot, { what: "Hot spot" }));
  const places = [];
  for (const one of phone.places) {
    if (places.length + spots.length >= most) break;
    if (fits(one.words)) places.push(ofPlace(one, { what: one.kind === "block" ? "Street block" : "Complex" }));
  }
  return [...spots, ...places].slice(0, most);
}

/** Hot spots with how far they are, nearest first; by name where the position is not known. */
export function hotSpotsNear(point) {
  const spots = phone.state?.hot_spots ?? [];
  if (!point) return spots.map((spot) => ({ spot, away: null }));
  return spots.map((spot) => ({ spot, away: metersTo(spot.geometry, point) })).sort((a, b) => a.away - b.away);
}

function nearestPlace(point) {
  let [best, least] = [null, NEAREST_M];
  for (const one of phone.places) {
    // A look at the middle first: most are far away.
    if (meters(point, one.point) > least + 1500) continue;
    const away = metersToLine(point, one.line);
    if (away < least) [best, least] = [one, away];
  }
  return best;
}

/** Where somebody at this point is: in a hot spot, else at the nearest place, else just there. */
export function whereIs(point, accuracy_m = null) {
  const spot = (phone.state?.hot_spots ?? []).find((one) => contains(one.geometry, point));
  const near = nearestPlace(point);
  if (spot) return ofHotSpot(spot, { place: near?.hot_spot === spot.id ? near.id : null, point, accuracy_m });
  if (near) return ofPlace(near, { point, accuracy_m });
  return { label: "Where you are now", hot_spot: null, place: null, point, accuracy_m };
}
