/**
 * Which parts of a bundled program are this package: in one file with the user's code, only the bundle's source map tells them apart. Of the map is kept where such a part begins and ends.
 */
import { Buffer } from "node:buffer";
import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** Bytes. Reading a larger one would hold up the program for longer than its frames are worth. */
const LARGEST = 32_000_000;

/** Where in a bundle another kind of source begins: line and column from 0. */
interface Border {
  readonly line: number;
  readonly column: number;
  readonly isOwn: boolean;
}

/** What tells the sources of a bundle apart. */
export interface BundleMap {
  /** Where the code at this line and column, both from 0, was written; undefined where the map does not say. */
  readonly sourceAt: (line: number, column: number) => string | undefined;
  /** The same as a question, for many of them: whether it is in a source that `isOwn` takes. */
  readonly partition: (isOwn: (source: string) => boolean) => (line: number, column: number) => boolean;
}

/** The map that belongs to the file at `path`, next to it or within; undefined for one without, or one that can't be read. */
export function readBundleMap(path: string): BundleMap | undefined {
  try {
    const [text, folder] = mapTextOf(path);
    const { sources, mappings, sourceRoot = "" } = JSON.parse(text) as Partial<RawMap>;
    if (!Array.isArray(sources) || typeof mappings !== "string") return undefined;
    // A URL stays one: what is looked for in it is in the middle.
    const places = sources.map((source) => {
      const whole = `${sourceRoot}${sourceRoot === "" || sourceRoot.endsWith("/") ? "" : "/"}${source ?? ""}`;
      return /^[a-z][a-z\d+.-]*:/iu.test(whole) ? whole : resolve(folder, whole);
    });
    return {
      sourceAt: (line, column) => {
        let found = -1;
        walk(mappings, (atLine, atColumn, source) => {
          if (atLine > line || (atLine === line && atColumn > column)) return true;
          found = source;
          return false;
        });
        return places[found];
      },
      partition: (isOwn) => partition(mappings, places.map(isOwn)),
    };
  } catch {
    return undefined;
  }
}

/** Of what a map has. Whatever else it is, it was written by a bundler. */
interface RawMap {
  readonly sources: readonly (string | null)[];
  readonly mappings: string;
  readonly sourceRoot: string;
}

/** The text of the map, and the folder that its paths are relative to. */
function mapTextOf(path: string): readonly [text: string, folder: string] {
  const code = readSmall(path);
  const url = [...code.matchAll(/^\/\/# sourceMappingURL=(?<url>\S+)\s*$/gmu)].at(-1)?.groups?.["url"] ?? "";
  const inline = /^data:application\/json[^,]*?(?<base64>;base64)?,(?<data>.*)$/u.exec(url)?.groups;
  if (inline?.["data"] !== undefined) {
    const { base64, data } = inline;
    return [base64 === undefined ? decodeURIComponent(data) : Buffer.from(data, "base64").toString(), dirname(path)];
  }
  // A bundler that is told to hide its map writes no comment.
  const file = url === "" ? `${path}.map` : resolve(dirname(path), decodeURIComponent(url));
  return [readSmall(file), dirname(file)];
}

function readSmall(path: string): string {
  if (statSync(path).size > LARGEST) throw new RangeError(`${path} is too large`);
  return readFileSync(path, "utf8");
}

function partition(mappings: string, isOwn: readonly boolean[]): (line: number, column: number) => boolean {
  const borders: Border[] = [];
  let wasOwn = false;
  walk(mappings, (line, column, source) => {
    const own = isOwn[source] === true;
    if (own !== wasOwn) borders.push({ line, column, isOwn: own });
    wasOwn = own;
    return false;
  });
  return (line, column) => {
    let [low, high] = [0, borders.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const border = borders[middle];
      if (border !== undefined && (border.line < line || (border.line === line && border.column <= column)))
        low = middle + 1;
      else high = middle;
    }
    return borders[low - 1]?.isOwn ?? false;
  };
}

const COMMA = 44;
const SEMICOLON = 59;

/**
 * Visits all places of the code, from 0, in their order, until a visit returns true. `source`: its index, -1 for code that a bundler has made. Without an object for each: there may be a
 * million.
 *
 * @see https://tc39.es/ecma426/
 */
function walk(mappings: string, visit: (line: number, column: number, source: number) => boolean): void {
  let [line, column, source] = [0, 0, 0];
  /** Of this place: how many fields there were, and what of the last one is read. */
  let [fields, field, shift] = [0, 0, 0];
  for (let at = 0; at <= mappings.length; at++) {
    const code = at < mappings.length ? mappings.charCodeAt(at) : SEMICOLON;
    if (code !== COMMA && code !== SEMICOLON) {
      const digit = digitOf(code);
      if (digit < 0) return;
      field |= (digit & 31) << shift;
      shift += 5;
      if ((digit & 32) !== 0) continue;
      const value = (field & 1) === 0 ? field >> 1 : -(field >> 1);
      if (fields === 0) column += value;
      else if (fields === 1) source += value;
      fields++;
      field = shift = 0;
      continue;
    }
    if (fields > 0 && visit(line, column, fields > 1 ? source : -1)) return;
    fields = field = shift = 0;
    if (code === COMMA) continue;
    line++;
    column = 0;
  }
}

/** What a character stands for in base 64, -1 for any other. */
function digitOf(code: number): number {
  if (code >= 97) return code <= 122 ? code - 71 : -1;
  if (code >= 65) return code <= 90 ? code - 65 : -1;
  if (code >= 48) return code <= 57 ? code + 4 : -1;
  return code === 43 ? 62 : code === 47 ? 63 : -1;
}
