// A light that is out, a lot full of strangers' cars: seen from the street, taken up at the desk.
import { toast } from "./dialogs.js";
import { button, h, icon } from "./dom.js";
import { note } from "./fields.js";
import { choices } from "./lists.js";
import { placeRow } from "./start.js";
import { choosePlace } from "./picker.js";
import { go, report } from "./work.js";

const TITLES = {
  lighting: ["Street light out", "Parking lot too dark", "Entrance or stairs dark", "Walkway or alley dark", "Light hidden by trees"],
  cameras: ["Owner would register a camera", "Camera points the wrong way"],
  vehicle_permits: ["Vehicles without a permit", "Visitor spaces taken up", "Abandoned vehicle"],
  lease_enforcement: ["Lease violation seen", "Unit appears abandoned"],
  trespass: ["Owner wants trespassers sent away", "Authorization sign missing"],
  upkeep: ["Bushes hide doors or windows", "Door or lock broken", "Trash or old furniture outside", "Vacant unit stands open"],
};

export async function measureScreen({ id: kind }) {
  if (!kind) {
    return {
      title: "Report a place problem",
      content: [h("div", { class: "kinds" }, choices("measure.kind").map(([value, words]) => button([icon(value), h("span", {}, words)], () => go(`#/measure/${value}`), { class: "button button--kind", id: `measure-${value}` })))],
    };
  }
  const words = choices("measure.kind").find(([value]) => value === kind)?.[1] ?? kind;
  const place = { at: null, chosen: false, how: "" };
  const given = { note: "", id: crypto.randomUUID() };
  const send = async (title) => {
    if (!place.at) Object.assign(place, { at: await choosePlace(), chosen: true });
    if (!place.at) return;
    // A hot spot is many places; the report is about one of them, or about where the officer stands.
    const exact = () => place.at?.place || place.at?.point;
    if (!exact()) Object.assign(place, { at: await choosePlace({ title: "Which street or place?" }), chosen: true });
    if (place.at && !exact()) toast("Not sent: choose a street or place in it, or your position.", { bad: true });
    if (exact() && await report({ id: given.id, kind, at: place.at, title, note: given.note })) go("#/home");
  };
  return {
    title: words,
    content: [placeRow(place), note(given), h("div", { class: "stack", role: "group", "aria-label": "What is wrong: a tap reports it" }, (TITLES[kind] ?? [words]).map((title) => button(title, () => send(title), { class: "button button--row" })))],
  };
}
