// The service worker: the app opens without signal, and the queue is sent when the browser finds signal again.
// Each version has a cache of its own; nothing but the app's own files and its one page is kept in it.
import { NoSignal, SignedOut, sendAll } from "./send.js";
import { recall } from "./store.js";

const PREFIX = "hot-spot-log-";

export function serve({ version, page, files }) {
  const name = PREFIX + version;
  const kept = new Set([page, ...files]);

  async function fill() {
    const cache = await caches.open(name);
    const get = async (address) => {
      const response = await fetch(address, { cache: "reload", credentials: "same-origin" });
      // Signed out, the page answers with the sign-in page: then this version waits for the next look.
      if (!response.ok || response.redirected) throw new Error(`${address} could not be had.`);
      return [address, response];
    };
    const got = await Promise.all([...kept].map(get));
    await Promise.all(got.map(([address, response]) => cache.put(address, response)));
  }

  async function answer(request, address) {
    const cache = await caches.open(name);
    return (await cache.match(address)) ?? fetch(request);
  }

  self.addEventListener("install", (event) => event.waitUntil(fill()));

  self.addEventListener("activate", (event) => event.waitUntil((async () => {
    const old = (await caches.keys()).filter((key) => key.startsWith(PREFIX) && key !== name);
    await Promise.all(old.map((key) => caches.delete(key)));
    await self.clients.claim();
  })()));

  self.addEventListener("fetch", (event) => {
    const url = new URL(event.request.url);
    if (event.request.method !== "GET" || url.origin !== self.location.origin || !kept.has(url.pathname)) return;
    event.respondWith(answer(event.request, url.pathname));
  });

  self.addEventListener("message", (event) => {
    if (event.data === "take over") self.skipWaiting();
  });

  self.addEventListener("sync", (event) => {
    if (event.tag !== "send") return;
    event.waitUntil((async () => {
      if (await recall("signed_out")) return; // the page asks for the sign-in
      try {
        await sendAll({ everything: true });
      } catch (error) {
        if (error instanceof SignedOut) return;
        if (error instanceof NoSignal) throw error; // the browser tries again
      }
    })());
  });
}
