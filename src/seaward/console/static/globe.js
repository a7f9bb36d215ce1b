// Distances, courses and circles on the sphere; nautical miles and degrees.
const RADIUS_NM = 3440.065, RAD = Math.PI / 180;

export const around = (lon) => ((lon + 540) % 360) - 180; // a longitude of a chart that goes on beside itself, from -180 to 180

export function between([lon1, lat1], [lon2, lat2]) {
  const a = Math.sin(((lat2 - lat1) * RAD) / 2) ** 2 + Math.cos(lat1 * RAD) * Math.cos(lat2 * RAD) * Math.sin(((lon2 - lon1) * RAD) / 2) ** 2;
  const east = Math.sin((lon2 - lon1) * RAD) * Math.cos(lat2 * RAD);
  const north = Math.cos(lat1 * RAD) * Math.sin(lat2 * RAD) - Math.sin(lat1 * RAD) * Math.cos(lat2 * RAD) * Math.cos((lon2 - lon1) * RAD);
  return { nm: 2 * RADIUS_NM * Math.asin(Math.min(1, Math.sqrt(a))), deg: (Math.atan2(east, north) / RAD + 360) % 360 };
}

export function away([lon, lat], nm, deg) {
  const d = nm / RADIUS_NM, course = deg * RAD, from = lat * RAD;
  const to = Math.asin(Math.sin(from) * Math.cos(d) + Math.cos(from) * Math.sin(d) * Math.cos(course));
  const over = Math.atan2(Math.sin(course) * Math.sin(d) * Math.cos(from), Math.cos(d) - Math.sin(from) * Math.sin(to));
  return [lon + over / RAD, to / RAD];
}

export const circle = (centre, nm) => [Array.from({ length: 49 }, (_, n) => away(centre, nm, (n * 360) / 48))];

// After Girard's theorem in the form of Chamberlain and Duquette (2007), JPL 07-03.
export function squareNm(ring) {
  let sum = 0;
  for (let n = 0; n < ring.length; n++) {
    const [lon1, lat1] = ring[n], [lon2, lat2] = ring[(n + 1) % ring.length];
    sum += ((((lon2 - lon1 + 540) % 360) - 180) * RAD) * (2 + Math.sin(lat1 * RAD) + Math.sin(lat2 * RAD));
  }
  return Math.abs((sum * RADIUS_NM ** 2) / 2);
}

export function inside([lon, lat], ring) {
  let is = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i], [xj, yj] = ring[j];
    if (yi > lat !== yj > lat && lon < ((xj - xi) * (lat - yi)) / (yj - yi) + xi) is = !is;
  }
  return is;
}
