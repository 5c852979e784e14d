// Distances and containment on the few kilometers of a city.
const RADIUS = 6_371_000;
const rad = (degrees) => degrees * Math.PI / 180;

/** Meters between two [longitude, latitude]. */
export function meters(a, b) {
  const x = rad(b[0] - a[0]) * Math.cos(rad((a[1] + b[1]) / 2));
  return Math.hypot(x, rad(b[1] - a[1])) * RADIUS;
}

/** Meters from a point to a line of points. */
export function metersToLine(point, line) {
  if (line.length === 1) return meters(point, line[0]);
  const east = rad(1) * RADIUS * Math.cos(rad(point[1]));
  const north = rad(1) * RADIUS;
  let least = Infinity;
  for (let n = 1; n < line.length; n += 1) {
    const [ax, ay] = [(line[n - 1][0] - point[0]) * east, (line[n - 1][1] - point[1]) * north];
    const [dx, dy] = [(line[n][0] - point[0]) * east - ax, (line[n][1] - point[1]) * north - ay];
    const along = dx || dy ? Math.min(1, Math.max(0, -(ax * dx + ay * dy) / (dx * dx + dy * dy))) : 0;
    least = Math.min(least, Math.hypot(ax + along * dx, ay + along * dy));
  }
  return least;
}

function insideRing([x, y], ring) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [[ax, ay], [bx, by]] = [ring[i], ring[j]];
    if (ay > y !== by > y && x < (bx - ax) * (y - ay) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

export const polygons = (geometry) => {
  if (geometry?.type === "Polygon") return [geometry.coordinates];
  return geometry?.type === "MultiPolygon" ? geometry.coordinates : [];
};

export const contains = (geometry, point) => polygons(geometry)
  .some(([outer, ...holes]) => insideRing(point, outer) && !holes.some((hole) => insideRing(point, hole)));

/** Meters to a polygon's edge; 0 inside. */
export function metersTo(geometry, point) {
  if (contains(geometry, point)) return 0;
  return Math.min(Infinity, ...polygons(geometry).flat().map((ring) => metersToLine(point, ring)));
}

/** The points of an encoded polyline of five decimals. */
export function decode(text) {
  const points = [];
  let [at, lon, lat] = [0, 0, 0];
  const next = () => {
    let [shift, value, byte] = [0, 0, 32];
    while (byte >= 32) {
      byte = text.charCodeAt(at) - 63;
      at += 1;
      value |= (byte & 31) << shift;
      shift += 5;
    }
    return value & 1 ? ~(value >> 1) : value >> 1;
  };
  while (at < text.length) {
    lat += next();
    lon += next();
    points.push([lon / 1e5, lat / 1e5]);
  }
  return points;
}
