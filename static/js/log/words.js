// What the app says of times and kinds.
export const KINDS = {
  directed_patrol: "Directed patrol",
  saturation_patrol: "Saturation patrol",
  foot_patrol: "Foot patrol",
  vehicle_stop: "Vehicle stop",
  arrest: "Arrest",
  k9: "Narcotics K9",
  knock_and_talk: "Knock-and-talk",
};
export const SHORT = { vehicle_stop: "Stop", arrest: "Arrest", k9: "K9", knock_and_talk: "Knock" };
export const FLAGS = {
  clock_wrong: "The phone's clock was wrong; the times were set right.",
  ended_twice: "It had been ended before; the first end stands.",
  no_start: "Its start has not arrived yet.",
  hot_spot_closed: "The hot spot had ended; it was stored all the same.",
  too_long: "It was longer than a shift; a supervisor will look at it.",
  overlaps: "You were logged elsewhere at that time; a supervisor will look at it.",
  far_away: "The position was not near the hot spot.",
};

let zone; // the phone's own, until the agency's is known
let clockFormat = new Intl.DateTimeFormat("en-US", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** Clock times are the agency's, wherever the phone believes to be. */
export function useZone(name) {
  if (!name || name === zone) return;
  try {
    clockFormat = new Intl.DateTimeFormat("en-US", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: name });
    zone = name;
  } catch { /* an old browser does not know it */ }
}

/** Minutes since midnight on the agency's clock. */
export function minuteOfDay(instant) {
  const [hours, minutes] = clock(instant).split(":").map(Number);
  return hours * 60 + minutes;
}

export const clock = (instant) => clockFormat.format(new Date(instant));
export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
export const minutesBetween = (from, to) => Math.round((new Date(to) - new Date(from)) / 60_000);

/** "12 min", "2 h 5 min", "less than a minute". */
export function span(minutes) {
  if (!minutes) return "less than a minute";
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest ? `${Math.floor(minutes / 60)} h ${rest} min` : `${minutes / 60} h`;
}

/** "7:05", "1:07:05": a running clock. */
export function timer(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** When a visit is due, in words. */
export function due(at, now = Date.now()) {
  const minutes = Math.round((new Date(at) - now) / 60_000);
  if (minutes < -1) return { words: `${span(-minutes)} overdue`, late: true };
  if (minutes <= 1) return { words: "due now", late: false };
  return { words: `due in ${span(minutes)}, at ${clock(at)}`, late: false };
}

/** In what an officer paces by: feet, then miles. */
export function far(meters) {
  const feet = meters * 3.28084;
  if (feet < 1000) return `${Math.max(10, Math.round(feet / 10) * 10)} ft`;
  return `${(meters / 1609.344).toFixed(1)} mi`;
}
