// A QR code as an SVG drawing, by ISO/IEC 18004: bytes, the lowest level of correction, up to 1273 of them.
// Takes a text, gives the drawing, or null where the text is too long. Nothing is fetched, nobody is asked.

import { shape } from "./parts.js";

const MOST = 25; // versions
const CHECKS = [0, 7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26]; // bytes of correction in a block
const BLOCKS = [0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12];
const MASKS = [
  (x, y) => (x + y) % 2, (x, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2, (x, y) => (x * y) % 2 + (x * y) % 3,
  (x, y) => ((x * y) % 2 + (x * y) % 3) % 2, (x, y) => ((x + y) % 2 + (x * y) % 3) % 2,
];
const QUIET = 4; // the white edge, in modules

/** The drawing of a text. */
export function drawQr(text, words) {
  const grid = matrix(new TextEncoder().encode(text));
  if (!grid) return null;
  const size = grid.length + 2 * QUIET;
  const path = grid.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + QUIET},${y + QUIET}h1v1h-1z` : "")));
  const node = shape("svg", { viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": words, "shape-rendering": "crispEdges" });
  node.append(shape("rect", { width: size, height: size, fill: "#fff" }), shape("path", { d: path.join(""), fill: "#000" }));
  return node;
}

function matrix(bytes) {
  let version = 1;
  while (version <= MOST && room(version) < bytes.length + (version < 10 ? 2 : 3)) version++;
  if (version > MOST) return null;
  const bits = woven(version, filled(version, bytes));
  const tries = MASKS.map((_, mask) => drawn(version, bits, mask));
  return tries.reduce((best, one) => (ugly(one) < ugly(best) ? one : best));
}

/** How many modules of a version carry data. */
function modules(version) {
  const crosses = version < 2 ? 0 : Math.floor(version / 7) + 2;
  const fixed = crosses && (25 * crosses - 10) * crosses - 55;
  return (16 * version + 128) * version + 64 - fixed - (version < 7 ? 0 : 36);
}

const whole = (version) => Math.floor(modules(version) / 8);
const room = (version) => whole(version) - CHECKS[version] * BLOCKS[version];

/** The bytes with their header, and filled up. */
function filled(version, bytes) {
  const long = version >= 10;
  const head = [4 << 4, ...(long ? [bytes.length >> 8, bytes.length & 255] : [bytes.length])];
  const data = [...head, ...bytes, 0];
  const shifted = [data[0] | data[1] >> 4]; // the header's four bits push all that follows by half a byte
  for (let at = 1; at < data.length - 1; at++) shifted.push((data[at] & 15) << 4 | data[at + 1] >> 4);
  for (let pad = 0xec; shifted.length < room(version); pad ^= 0xec ^ 0x11) shifted.push(pad);
  return shifted.slice(0, room(version));
}

/** Data and correction, block by block, woven into one row of bits. */
function woven(version, data) {
  const count = BLOCKS[version];
  const short = Math.floor(whole(version) / count) - CHECKS[version];
  const longer = count - whole(version) % count; // blocks from here on have one byte more
  const factors = divisor(CHECKS[version]);
  const parts = [];
  for (let block = 0, at = 0; block < count; block++) {
    const length = short + (block >= longer ? 1 : 0);
    const part = data.slice(at, at += length);
    parts.push({ part, checks: remainder(part, factors) });
  }
  const bytes = [];
  for (let at = 0; at <= short; at++) for (const { part } of parts) if (at < part.length) bytes.push(part[at]);
  for (let at = 0; at < CHECKS[version]; at++) for (const { checks } of parts) bytes.push(checks[at]);
  return bytes.flatMap((byte) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => byte >> bit & 1));
}

function times(a, b) {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) product = product << 1 ^ (product >> 7) * 0x11d ^ (b >> bit & 1) * a;
  return product;
}

function divisor(degree) {
  const found = [...Array(degree - 1).fill(0), 1];
  for (let root = 1, turn = 0; turn < degree; turn++, root = times(root, 2)) {
    for (let at = 0; at < degree; at++) found[at] = times(found[at], root) ^ (found[at + 1] ?? 0);
  }
  return found;
}

function remainder(data, factors) {
  const rest = Array(factors.length).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    factors.forEach((one, at) => { rest[at] ^= times(one, factor); });
  }
  return rest;
}

/** Where the small squares have their middles. */
function crosses(version) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
  return [6, ...Array.from({ length: count - 1 }, (_, at) => version * 4 + 10 - (count - 2 - at) * step)];
}

function drawn(version, bits, mask) {
  const size = version * 4 + 17;
  const grid = Array.from({ length: size }, () => Array(size).fill(null));
  const put = (x, y, dark) => { if (x >= 0 && y >= 0 && x < size && y < size) grid[y][x] = dark; };
  const square = (cx, cy, reach, dark) => {
    for (let y = -reach; y <= reach; y++) for (let x = -reach; x <= reach; x++) put(cx + x, cy + y, dark(Math.max(Math.abs(x), Math.abs(y))));
  };
  for (let at = 0; at < size; at++) put(6, at, at % 2 === 0), put(at, 6, at % 2 === 0);
  const middles = crosses(version);
  const last = middles.length - 1;
  middles.forEach((y, row) => middles.forEach((x, column) => {
    const corner = (row === 0 && (column === 0 || column === last)) || (row === last && column === 0);
    if (!corner) square(x, y, 2, (far) => far !== 1);
  }));
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]]) square(x, y, 4, (far) => far !== 2 && far !== 4);
  format(put, size, mask);
  if (version >= 7) versions(put, size, version);
  let next = 0;
  for (let right = size - 1; right > 0; right -= right === 8 ? 3 : 2) { // the column of the dotted line is passed over
    for (let step = 0; step < size; step++) {
      const y = (right + 1 & 2) === 0 ? size - 1 - step : step;
      for (const x of [right, right - 1]) if (grid[y][x] === null) grid[y][x] = Boolean((bits[next++] ?? 0) ^ Number(MASKS[mask](x, y) === 0));
    }
  }
  return grid;
}

/** Which level and mask, told twice. */
function format(put, size, mask) {
  const told = 1 << 3 | mask;
  let rest = told;
  for (let turn = 0; turn < 10; turn++) rest = rest << 1 ^ (rest >> 9) * 0x537;
  const bits = (told << 10 | rest) ^ 0x5412;
  for (let at = 0; at < 15; at++) {
    const dark = Boolean(bits >> at & 1);
    if (at < 9) put(at === 8 ? 7 : 8, at < 6 ? at : at === 6 ? 7 : 8, dark);
    else put(14 - at, 8, dark);
    if (at < 8) put(size - 1 - at, 8, dark);
    else put(8, size - 15 + at, dark);
  }
  put(8, size - 8, true);
}

/** Which version, told twice. */
function versions(put, size, version) {
  let rest = version;
  for (let turn = 0; turn < 12; turn++) rest = rest << 1 ^ (rest >> 11) * 0x1f25;
  const bits = version << 12 | rest;
  for (let at = 0; at < 18; at++) {
    const [far, near] = [size - 11 + at % 3, Math.floor(at / 3)];
    put(far, near, Boolean(bits >> at & 1));
    put(near, far, Boolean(bits >> at & 1));
  }
}

/** How hard a picture is to read: long runs and blocks of one colour. */
function ugly(grid) {
  let found = 0;
  grid.forEach((row, y) => row.forEach((dark, x) => {
    const across = grid[y].slice(x, x + 5);
    const down = grid.slice(y, y + 5).map((line) => line[x]);
    for (const run of [across, down]) if (run.length === 5 && run.every((one) => one === dark)) found += 2;
    if (y && x && [grid[y - 1][x], grid[y][x - 1], grid[y - 1][x - 1]].every((one) => one === dark)) found += 3;
  }));
  return found;
}
