// What is on the phone, in IndexedDB: the queue of what is not sent yet, the running visit, today's own record, and
// the lists. Used by the page, by the service worker and by the page on which one signs out.
const NAME = "hot-spot-log";
const VERSION = 1;
const channel = new BroadcastChannel(NAME);
let opening = null;
let made = null; // the device's number, until it is on the disk

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const database = request.result;
      database.createObjectStore("queue", { keyPath: "seq", autoIncrement: true });
      database.createObjectStore("running", { keyPath: "activity" });
      database.createObjectStore("mine", { keyPath: "id" });
      database.createObjectStore("keep");
    };
    request.onerror = () => { opening = null; reject(request.error); };
    request.onsuccess = () => {
      // A newer version in another tab must not wait for this one.
      request.result.onversionchange = () => { request.result.close(); opening = null; };
      request.result.onclose = () => { opening = null; };
      resolve(request.result);
    };
  });
  return opening;
}

const faults = new WeakMap(); // what ended a transaction, where the browser would only say that something did

/** In a transaction: what follows once a record was read. What it throws ends the transaction as it would at once. */
export function after(request, work) {
  request.onsuccess = () => {
    try {
      work(request.result);
    } catch (error) {
      faults.set(request.transaction, error);
      request.transaction.abort();
    }
  };
}

/** One transaction over these stores; resolves when it is on the disk, not before, so that a dead battery loses nothing. */
export async function change(names, work) {
  const database = await open();
  await new Promise((resolve, reject) => {
    const transaction = database.transaction(names, "readwrite", { durability: "strict" });
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(faults.get(transaction) ?? transaction.error ?? new DOMException("Nothing was stored.", "AbortError"));
    try {
      work(...names.map((name) => transaction.objectStore(name)));
    } catch (error) {
      transaction.abort();
      reject(error);
    }
  });
  channel.postMessage("changed");
}

async function read(name, ask) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const request = ask(database.transaction(name).objectStore(name));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export const all = (name) => read(name, (store) => store.getAll());
export const recall = (key) => read("keep", (store) => store.get(key));
export const keep = (values) => change(["keep"], (store) => { for (const [key, value] of Object.entries(values)) store.put(value, key); });
export const onChange = (told) => channel.addEventListener("message", told);

/** A number of this phone's own, so that a supervisor can tell two phones of one officer apart. */
export async function device() {
  const known = await recall("device");
  if (known) return known;
  made ??= crypto.randomUUID();
  await keep({ device: made }).catch(() => {}); // a full disk stops no sending
  return made;
}

/** After signing out: the lists go. What is not sent, and a visit that still runs, stay until they are sent. */
export async function forgetLists() {
  const [waiting, running] = await Promise.all([all("queue"), all("running")]);
  const done = !waiting.length && !running.length;
  await change(["keep", "mine"], (store, mine) => {
    for (const key of ["state", "places", "csrf", "unit", "recent", "contact"]) store.delete(key);
    if (done) store.delete("officer");
    store.put(true, "signed_out");
    mine.clear();
  });
}
