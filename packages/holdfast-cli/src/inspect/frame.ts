/**
 * One line of a stack, in its parts.
 */
import { fileURLToPath } from "node:url";

export interface Frame {
  /** undefined for code outside of all functions. */
  readonly name: string | undefined;
  /** "file:///app.ts:3:5". */
  readonly place: string;
}

export function parseFrame(text: string): Frame {
  const match = /^(?<name>.+) \((?<place>.*)\)$/u.exec(text);
  return { name: match?.groups?.["name"], place: match?.groups?.["place"] ?? text };
}

/** The function with its file, whatever its line: where two calls of it are, they agree. */
export function functionKey(text: string): string {
  const { name, place } = parseFrame(text);
  return `${name ?? ""} ${place.replace(/:\d+:\d+$/u, "")}`;
}

/** The place as people write it, short where it lies in `folder`. */
export function shortPlace(place: string, folder: string): string {
  const [, url = place, position = ""] = /^(?<url>.*?)(?<position>:\d+:\d+)$/u.exec(place) ?? [];
  let path = url;
  if (url.startsWith("file://")) {
    try {
      path = fileURLToPath(url);
    } catch {
      // Not a path of this system.
    }
  }
  return `${path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path}${position}`;
}

/** "transfer (bank.ts:3:5)", or only the place. */
export function shortFrame(text: string, folder: string): string {
  const { name, place } = parseFrame(text);
  const short = shortPlace(place, folder);
  // A file may be called as it likes; its name must not steer a terminal.
  return (name === undefined ? short : `${name} (${short})`).replaceAll(/[\u0000-\u001F\u007F-\u009F]/gu, "?");
}
