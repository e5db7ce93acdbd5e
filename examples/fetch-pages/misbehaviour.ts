/**
 * How the example's server treats a request: a pure function of (seed, path, attempt).
 *
 * The same seed is the same internet: which pages are gone, and what happens to the first, second, third request for
 * each of the others, does not depend on time, order or load.
 */
import { createHash } from "node:crypto";

/** What happens to one request. `delay` is the milliseconds before the first byte of the answer. */
export type Behaviour =
  | { readonly kind: "page"; readonly delay: number }
  | { readonly kind: "gone"; readonly delay: number; readonly status: 404 | 410 }
  | { readonly kind: "error"; readonly delay: number; readonly status: 500 | 502 }
  | { readonly kind: "busy"; readonly delay: number; readonly status: 429 | 503; readonly retryAfterSeconds: number }
  | { readonly kind: "reset"; readonly delay: number; readonly midway: boolean }
  | { readonly kind: "hang" };

/** What a path is worth for as long as the seed is the same: `broken` answers 500 however often it is asked. */
export type Fate = "alive" | "gone" | "broken";

export interface Page {
  readonly title: string;
  readonly html: string;
}

/** The fate of a path: 2.5 % are gone, 0.5 % are broken for good. */
export function fateOf(seed: number, path: string): Fate {
  const [luck] = draw(seed, path, "fate");
  return luck < 0.025 ? "gone" : luck < 0.03 ? "broken" : "alive";
}

/** What happens to request number `attempt` (from 1) for `path`. */
export function behaviourOf(seed: number, path: string, attempt: number): Behaviour {
  const [luck, pace, coin] = draw(seed, path, `attempt ${attempt}`);
  const delay = Math.round(10 + 70 * pace);
  switch (fateOf(seed, path)) {
    case "gone": {
      // Of the path, not of the attempt: a page does not change how it is gone.
      const [kind] = draw(seed, path, "gone");
      return { kind: "gone", delay, status: kind < 0.9 ? 404 : 410 };
    }
    case "broken":
      return { kind: "error", delay, status: 500 };
    case "alive":
      if (luck < 0.06) return { kind: "error", delay, status: coin < 0.7 ? 500 : 502 };
      if (luck < 0.09) return { kind: "reset", delay, midway: coin < 0.5 };
      if (luck < 0.11) return { kind: "hang" };
      if (luck < 0.14) return { kind: "busy", delay, status: coin < 0.7 ? 429 : 503, retryAfterSeconds: 1 };
      if (luck < 0.22) return { kind: "page", delay: Math.round(300 + 900 * pace) };
      return { kind: "page", delay };
  }
}

/** The page behind a path: always the same title and the same 1 to 25 kB. */
export function pageOf(seed: number, path: string): Page {
  const [size, topic, shade] = draw(seed, path, "page");
  const title = `${pick(shades, shade)} ${pick(topics, topic)}, page ${path.replace(/\D+/g, "")}`;
  const paragraph = `<p>${title}: everything there is to know about it.</p>\n`;
  const body = paragraph.repeat(Math.ceil((1_000 + 24_000 * size) / paragraph.length));
  return { title, html: `<!doctype html>\n<title>${title}</title>\n<h1>${title}</h1>\n${body}` };
}

const shades: readonly string[] = ["Amber", "Blue", "Copper", "Dusty", "Early", "Faded", "Green", "Hollow"];
const topics: readonly string[] = [
  "anchors",
  "bollards",
  "cleats",
  "davits",
  "fenders",
  "halyards",
  "rudders",
  "winches",
];

function pick(list: readonly string[], luck: number): string {
  return list[Math.floor(luck * list.length)] ?? "Plain";
}

/** Three independent numbers in [0, 1). A hash, not a generator: nothing depends on who asked before. */
function draw(seed: number, path: string, purpose: string): [number, number, number] {
  const digest = createHash("sha256").update(`${seed} ${path} ${purpose}`).digest();
  return [digest.readUInt32BE(0) / 2 ** 32, digest.readUInt32BE(4) / 2 ** 32, digest.readUInt32BE(8) / 2 ** 32];
}
