// The places chosen for a hot spot. Kept for this tab, so that looking at a place's page does not lose them.

export const KEY = "selected-places";

/** Null where the person may not designate: then there is no form for it. */
export function makeSelection({ redraw, changed }) {
  const form = document.getElementById("selection");
  if (!form) return null;
  const words = document.getElementById("selection-words");
  let { kind, places } = redraw ?? JSON.parse(sessionStorage.getItem(KEY) ?? '{"kind": "block", "places": []}');

  function show() {
    const known = places.filter((place) => Number.isFinite(place.count));
    const incidents = known.reduce((sum, place) => sum + place.count, 0).toLocaleString();
    words.textContent = `${places.length} ${places.length === 1 ? "place" : "places"} selected`
      + (known.length === places.length ? `, ${incidents} incidents` : "");
    document.getElementById("selection-places").value = places.map((place) => place.id).join(",");
    form.hidden = !redraw && places.length === 0;
    if (!redraw) sessionStorage.setItem(KEY, JSON.stringify({ kind, places }));
    changed(places.map((place) => place.id));
  }

  document.getElementById("selection-clear").addEventListener("click", () => { places = []; show(); });
  return {
    ids: () => places.map((place) => place.id),
    toggle(place) {
      places = places.some((each) => each.id === place.id) ? places.filter((each) => each.id !== place.id) : [...places, place];
      show();
    },
    add(more) {
      const known = new Set(places.map((place) => place.id));
      places = [...places, ...more.filter((place) => !known.has(place.id))];
      show();
    },
    /** A hot spot is made of places of the kind on the map. */
    runChanged(state) {
      document.getElementById("selection-run").value = state.run;
      if (kind !== state.kind) { kind = state.kind; places = []; }
      show();
    },
  };
}
