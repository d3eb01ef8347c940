// What officers do to a picture, pixel by pixel. Takes colours as they came, gives colours to look at; knows no page.

export const PLAIN = Object.freeze({ strip: "", palette: "", penetration: false, edges: false, invert: false, gamma: 0 });
const DARKEST_SHOWN = 110; // high penetration spreads what is darker than this over all of the scale
const FADED = 236;
const FIRE = [[0, [255, 255, 255]], [64, [250, 214, 78]], [128, [232, 93, 36]], [192, [122, 18, 90]], [255, [10, 4, 40]]];

/** The material a colour stands for in the usual pseudo-colours: orange organic, green inorganic, blue metal. */
export function materialOf(red, green, blue) {
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  const spread = most - least;
  if (most < 26) return "metal"; // hardly anything came through: as dense as metal
  if (spread < 14 || spread * 12 < most) return "";
  let hue;
  if (most === red) hue = ((green - blue) / spread + 6) % 6;
  else if (most === green) hue = (blue - red) / spread + 2;
  else hue = (red - green) / spread + 4;
  hue *= 60;
  if (hue < 68 || hue >= 330) return "organic";
  return hue < 172 ? "inorganic" : "metal";
}

/** Paint `from` into `to` (both RGBA, of one size) the way the tools say. */
export function develop(from, to, width, height, tools) {
  const curve = curveOf(tools);
  const fire = tools.palette === "fire" ? fireTable() : null;
  const grey = tools.palette === "grey";
  for (let at = 0; at < from.length; at += 4) {
    let red = from[at];
    let green = from[at + 1];
    let blue = from[at + 2];
    const light = (red * 77 + green * 151 + blue * 28) >> 8;
    if (tools.strip && materialOf(red, green, blue) !== tools.strip) {
      red = green = blue = FADED + ((light * (255 - FADED)) >> 8);
    } else if (grey) {
      red = green = blue = light;
    } else if (fire) {
      const place = (255 - light) * 3;
      red = fire[place];
      green = fire[place + 1];
      blue = fire[place + 2];
    }
    to[at] = curve[red];
    to[at + 1] = curve[green];
    to[at + 2] = curve[blue];
    to[at + 3] = from[at + 3];
  }
  if (tools.edges) sharpen(to, width, height);
}

function curveOf({ penetration, gamma, invert }) {
  const curve = new Uint8ClampedArray(256);
  for (let value = 0; value < 256; value += 1) {
    let share = penetration ? Math.min(1, value / DARKEST_SHOWN) : value / 255;
    share **= 2 ** (-gamma / 3);
    curve[value] = 255 * (invert ? 1 - share : share);
  }
  return curve;
}

function fireTable() {
  const table = new Uint8ClampedArray(768);
  for (let value = 0; value < 256; value += 1) {
    const next = FIRE.findIndex(([place]) => place >= value) || 1;
    const [[low, from], [high, to]] = [FIRE[next - 1], FIRE[next]];
    for (let channel = 0; channel < 3; channel += 1) table[value * 3 + channel] = from[channel] + ((to[channel] - from[channel]) * (value - low)) / (high - low);
  }
  return table;
}

function sharpen(pixels, width, height) {
  const was = new Uint8ClampedArray(pixels);
  const row = width * 4;
  for (let y = 1; y < height - 1; y += 1) {
    for (let at = y * row + 4, end = (y + 1) * row - 4; at < end; at += 4) {
      for (let one = at; one < at + 3; one += 1) {
        const around = was[one - 4] + was[one + 4] + was[one - row] + was[one + row] + was[one - row - 4] + was[one - row + 4] + was[one + row - 4] + was[one + row + 4];
        pixels[one] = was[one] + (was[one] * 8 - around) * 0.55;
      }
    }
  }
}
