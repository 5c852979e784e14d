// The one sender. The page calls it, and the service worker when the browser says that there is signal again; a lock
// that all of them share lets one send at a time.
import { SENDING, mark, queued, settle } from "./queue.js";
import { change, device, keep, recall } from "./store.js";

const MOST = 100; // entries in one request
const TIMEOUT_MS = 30_000;
const SYNC = "/log/sync/";
const STATE = "/log/state/";

export class NoSignal extends Error {}
export class Trouble extends NoSignal {}
export class SignedOut extends Error {}
export class Refused extends Error {}

async function ask(url, options = {}) {
  let response;
  try {
    response = await fetch(url, { ...options, redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    throw new NoSignal("No signal. It is sent when the signal is back.");
  }
  // A redirect is a sign-in page, by whatever way.
  if (response.status === 401 || response.type === "opaqueredirect") {
    await keep({ signed_out: true }).catch(() => {}); // a full disk stops no sending
    throw new SignedOut("Sign in to send it.");
  }
  return response;
}

/** The lists, who is signed in, and the token for sending. */
export async function fetchState() {
  const asked = Date.now();
  const response = await ask(STATE);
  if (response.status === 403) throw new Refused("Your sign-in may not log activity. Ask an administrator for the role.");
  if (!response.ok) throw new Trouble(`The server does not answer as it should (${response.status}). It is tried again.`);
  const state = await response.json();
  const offset_s = (Date.parse(state.server_time) - (asked + Date.now()) / 2) / 1000;
  const before = await recall("officer");
  await change(["keep", "mine"], (store, mine) => {
    store.put(state, "state");
    store.put(state.csrf, "csrf");
    store.put(state.officer, "officer");
    store.put(offset_s, "offset_s");
    store.put(Date.now(), "contact");
    store.put(false, "signed_out");
    if (before && before.id !== state.officer.id) {
      // Another officer on this phone: what they may see of the one before is only that something waits.
      mine.clear();
      store.delete("recent");
      store.delete("unit");
    }
  }).catch((error) => { if (error?.name !== "QuotaExceededError") throw error; });
  return state;
}

async function post(items) {
  const send = async () => ask(SYNC, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": (await recall("csrf")) ?? "" },
    body: JSON.stringify({ device: await device(), sent_at: new Date().toISOString(), entries: items.map((item) => item.entry) }),
  });
  let response = await send();
  if (response.status === 403) { // the token of an earlier sign-in
    await fetchState();
    response = await send();
  }
  return response;
}

async function why(response) {
  try { return (await response.json()).why ?? ""; } catch { return ""; }
}

/** Sends some entries; those that the server cannot even read are marked one by one, so that they hold up no other. */
async function sendSome(items) {
  const response = await post(items);
  if (response.ok) {
    const { answers } = await response.json();
    await settle(items, answers);
    // Somebody else has signed in meanwhile: from now on the app is theirs, and these wait for whose they are.
    if (answers.some((answer) => answer.state === "other_officer")) await fetchState();
    return;
  }
  if (response.status === 400 || response.status === 413) {
    if (items.length > 1) {
      const half = Math.ceil(items.length / 2);
      await sendSome(items.slice(0, half));
      await sendSome(items.slice(half));
      return;
    }
    await mark(items, { state: "unread", error: (await why(response)) || "The server could not read this entry. Show it to your supervisor." });
    return;
  }
  if (response.status === 403) throw new Refused((await why(response)) || "Your sign-in may not log activity.");
  throw new Trouble(`The server does not answer as it should (${response.status}). It is tried again.`);
}

async function sendNow({ everything, again }) {
  const officer = await recall("officer");
  const tried = new Set();
  for (;;) {
    const ready = (await queued()).filter((item) => !tried.has(item.entry.id)
      && (again || item.state !== "unread")
      && (!officer || item.officer === officer.id)
      && (everything || item.hold_until <= Date.now())).slice(0, MOST);
    if (!ready.length) return tried.size;
    for (const item of ready) tried.add(item.entry.id);
    try {
      await sendSome(ready);
    } catch (error) {
      await mark(ready, { error: error.message, tried_at: Date.now() }).catch(() => {});
      throw error;
    }
    await keep({ contact: Date.now(), signed_out: false }).catch(() => {});
  }
}

/**
 * Sends what is ready, in the order in which it was made. `everything`: also what could still be undone, since the
 * page is being left. `again`: also what the server could not read before. Resolves to how many
 * were sent; throws what stands in the way.
 */
export const sendAll = ({ everything = false, again = false } = {}) => navigator.locks.request(SENDING, () => sendNow({ everything, again }));
