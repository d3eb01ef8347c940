// A short sound for a scan that is to be opened. Made here, tone by tone: no file, and never without being wanted.

import { person, remember } from "./me.js";

let room = null;

export const wanted = () => person.settings.sound !== false;

export function switchSound() {
  remember({ sound: !wanted() });
  if (wanted()) ring();
}

/** Two short tones, as far as the browser allows: it wants one key or click on the page first. */
export function ring() {
  if (!wanted()) return;
  room ??= new AudioContext();
  room.resume();
  for (const [start, pitch] of [[0, 660], [0.16, 880]]) {
    const tone = new OscillatorNode(room, { frequency: pitch });
    const level = new GainNode(room, { gain: 0 });
    const at = room.currentTime + start;
    level.gain.setValueAtTime(0, at);
    level.gain.linearRampToValueAtTime(0.15, at + 0.02);
    level.gain.linearRampToValueAtTime(0, at + 0.14);
    tone.connect(level).connect(room.destination);
    tone.start(at);
    tone.stop(at + 0.15);
  }
}
