// Two taps: the place is guessed already, the kind starts the visit.
import { choosePlace } from "./picker.js";
import { button, h, icon } from "./dom.js";
import { hotSpot, hotSpotsNear, ofHotSpot, whereIs } from "./lists.js";
import { fresh, locate, position } from "./position.js";
import { startedAgo } from "./when.js";
import { far } from "./words.js";
import { begin, go, kindName } from "./work.js";

const KINDS = ["directed_patrol", "foot_patrol", "saturation_patrol", "vehicle_stop", "knock_and_talk", "k9", "arrest"];

/** The place row: what is guessed, how, and a button for another. `at.value` is what is logged against. */
export function placeRow(given, { onlyHotSpots = false, hint = null } = {}) {
  const box = h("div", { class: "where" });
  const how = () => {
    if (!given.at) return position.trouble || hint || "Choose the place.";
    if (given.chosen) return given.how ?? "";
    return given.at.accuracy_m ? `From your position, within ${far(given.at.accuracy_m)}` : given.how ?? "";
  };
  const draw = () => {
    box.replaceChildren(
      icon("pin"),
      h("p", { class: "where__words" }, h("strong", {}, given.at?.label ?? (given.looking ? "Finding where you are…" : "No place yet")), h("span", { class: "soft" }, given.looking ? "" : how())),
      button(given.at ? "Change" : "Choose", async () => {
        const at = await choosePlace({ onlyHotSpots });
        if (at) Object.assign(given, { at, chosen: true, how: "" });
        draw();
        box.querySelector("button").focus();
      }, { class: "button button--small", id: "change-place", "aria-label": given.at ? `Change the place, now ${given.at.label}` : "Choose the place" }),
    );
  };
  const guess = async () => {
    if (given.at) return;
    given.looking = !fresh();
    draw();
    const here = await locate();
    given.looking = false;
    if (!given.at && here) {
      const at = whereIs(here.point, here.accuracy);
      if (!onlyHotSpots || at.hot_spot) given.at = at;
      else {
        const [near] = hotSpotsNear(here.point);
        if (near) Object.assign(given, { at: ofHotSpot(near.spot, { point: here.point, accuracy_m: here.accuracy }), how: `The nearest hot spot, ${far(near.away)} away`, chosen: true });
      }
    }
    draw();
  };
  draw();
  guess();
  return box;
}

export async function startScreen({ params }) {
  const spot = hotSpot(Number(params.get("hot_spot")));
  const given = { at: spot ? ofHotSpot(spot) : null, chosen: Boolean(spot), how: "", ago: 0 };
  const begins = async (kind) => {
    if (kind === "saturation_patrol") return go(given.at?.hot_spot ? `#/operation?hot_spot=${given.at.hot_spot}` : "#/operation");
    if (!given.at) given.at = await choosePlace();
    return given.at ? begin({ kind, at: given.at, ago: given.ago }) : undefined;
  };
  const planned = new Set((spot?.tactics ?? []).map((one) => one.tactic));
  const ordered = [...KINDS].sort((a, b) => planned.has(b) - planned.has(a));
  return {
    title: "Start a visit",
    content: [
      placeRow(given),
      spot?.problem ? h("p", { class: "quiet" }, spot.problem) : null,
      h("div", { class: "kinds" }, ordered.map((kind) => button([icon(kind), h("span", {}, kindName(kind), planned.has(kind) && h("span", { class: "soft" }, "in the plan"))], () => begins(kind), { class: "button button--kind", id: `start-${kind}` }))),
      h("details", { class: "more" }, h("summary", {}, "Started some minutes ago"), startedAgo(given)),
    ],
  };
}
