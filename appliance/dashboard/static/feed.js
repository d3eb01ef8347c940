// Follow the box's events, come back by itself, and know when it was last heard of.

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 5000;

export class Feed {
  /** `hear(kind, data)` is told what happens, `back()` whenever the box can be heard, first or again. */
  constructor(address, hear, back) {
    this.address = address;
    this.hear = hear;
    this.back = back;
    this.last = null;
    this.open = false;
    this.#hark();
  }

  /** Seconds since anything came, a beat or news. One of the two clocks stands still while a computer sleeps. */
  get silence() {
    return Math.max(performance.now() - this.heardAt, Date.now() - this.since) / 1000;
  }

  #hark() {
    this.heardAt = performance.now();
    this.since = Date.now();
  }

  async follow(after) {
    this.last = after;
    for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      try {
        if (await this.#read()) wait = FIRST_WAIT;
      } catch (problem) {
        if (!(problem instanceof TypeError) && problem.name !== "AbortError") throw problem;
      } finally {
        this.open = false;
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  async #read() {
    const stop = new AbortController();
    const watch = setInterval(() => this.silence > 30 && stop.abort(), 5000);
    try {
      const answer = await fetch(this.address, { headers: { "Last-Event-ID": String(this.last) }, signal: stop.signal });
      if (answer.status === 401 || answer.status === 403) location.reload();
      if (!answer.ok) return false;
      this.open = true;
      this.back();
      let rest = "";
      for (const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader(); ;) {
        const { done, value } = await reader.read();
        if (done) return true;
        this.#hark();
        const blocks = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
        rest = blocks.pop();
        blocks.forEach((block) => this.#take(block));
      }
    } finally {
      clearInterval(watch);
    }
  }

  #take(block) {
    const event = { event: "message", data: "" };
    for (const line of block.split("\n")) {
      const at = line.indexOf(": ");
      if (at > 0) event[line.slice(0, at)] = line.slice(at + 2);
    }
    if (!event.data) return;
    if (event.id) this.last = Number(event.id); // who looks where has no number: it is never told again
    this.hear(event.event, JSON.parse(event.data));
  }
}
