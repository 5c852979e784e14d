// Where: hot spots nearby and what search finds as a list, everything as a map; a tap on either chooses.
import { sheet } from "./dialogs.js";
import { button, h, icon } from "./dom.js";
import { hotSpotsNear, ofHotSpot, phone, search, whereIs } from "./lists.js";
import { drawMap } from "./map.js";
import { fresh, locate, position } from "./position.js";
import { far } from "./words.js";

const ADDRESSES = "/places/search/";
const LIST = 8;

/** Resolves to a place to log against, or to null. `onlyHotSpots` leaves the rest out. */
export const choosePlace = ({ title = "Where?", onlyHotSpots = false } = {}) => sheet(title, (close) => {
  const list = h("div", { class: "stack", "aria-live": "polite" });
  const use = h("div", { class: "use" });
  const row = (at, more) => button([h("strong", {}, at.label), more && h("span", { class: "soft" }, more)], () => close(at), { class: "button button--row button--place" });
  let typed = "";

  function offer() {
    if (typed.trim()) return offerFound();
    const here = fresh();
    const near = hotSpotsNear(here?.point).slice(0, LIST).map(({ spot, away }) => row(ofHotSpot(spot), away === null ? "Hot spot" : `Hot spot, ${away ? `${far(away)} away` : "you are in it"}`));
    list.replaceChildren(
      ...(here && !onlyHotSpots ? [row(whereIs(here.point, here.accuracy), `Where you are now, within ${far(here.accuracy)}`)] : []),
      here ? "" : button([icon("pin"), "Use my position"], find, { class: "button" }),
      position.trouble ? h("p", { class: "quiet" }, position.trouble) : "",
      ...near,
    );
    return undefined;
  }

  async function offerFound() {
    const asked = typed;
    const fits = (at) => !onlyHotSpots || at.hot_spot;
    const known = search(asked).filter(fits);
    list.replaceChildren(...known.map((at) => row(at, at.what)));
    if (!known.length) list.append(h("p", { class: "quiet", id: "none" }, navigator.onLine && !onlyHotSpots ? "Looking for addresses…" : "Nothing of that name on this phone."));
    if (onlyHotSpots || asked.trim().length < 3) return;
    try {
      const response = await fetch(`${ADDRESSES}?${new URLSearchParams({ q: asked, kind: "address" })}`, { cache: "no-store", redirect: "manual" });
      if (!response.ok) throw new Error(String(response.status));
      const { results } = await response.json();
      if (asked !== typed) return;
      list.querySelector("#none")?.remove();
      list.append(...results.map((one) => row({ label: one.name, hot_spot: null, place: one.id, point: null, accuracy_m: null }, "Address")));
      if (!known.length && !results.length) list.append(h("p", { class: "quiet" }, "Nothing of that name."));
    } catch {
      if (asked === typed && !known.length) list.replaceChildren(h("p", { class: "quiet" }, "Nothing of that name on this phone. Addresses need signal; try the street, or tap the map."));
    }
  }

  async function find() {
    const got = await locate();
    if (got) map?.go(got.point);
    offer();
  }

  function picked(point) {
    const at = { ...whereIs(point), point: null };
    const fits = onlyHotSpots ? at.hot_spot : at.hot_spot || at.place;
    use.replaceChildren(fits
      ? button(`Use ${at.label}`, () => close(at), { class: "button button--go" })
      : h("p", { class: "quiet" }, onlyHotSpots ? "That is no hot spot." : "No street there. Tap nearer to one."));
  }

  const center = fresh()?.point ?? phone.state?.hot_spots[0]?.center ?? phone.places[0]?.point;
  const map = center ? drawMap({ places: phone.places, hotSpots: phone.state?.hot_spots ?? [], center, you: position, picked }) : null;
  offer();
  return h("div", { class: "picker" },
    h("div", { class: "picker__list" },
      h("label", { class: "find" }, onlyHotSpots ? "Find a hot spot" : "Find a street or place", h("input", { type: "search", autocomplete: "off", enterkeyhint: "search", oninput: (event) => { typed = event.target.value; offer(); } })),
      list),
    map ? h("div", { class: "picker__map" }, map.canvas,
      h("div", { class: "map-buttons" }, button("+", () => map.zoom(1.5), { class: "button", "aria-label": "Zoom in" }), button("−", () => map.zoom(0.66), { class: "button", "aria-label": "Zoom out" })),
      use) : h("p", { class: "quiet" }, "The map comes with the first signal."),
  );
}, { wide: true });
