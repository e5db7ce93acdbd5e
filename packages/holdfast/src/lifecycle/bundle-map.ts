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
        let found: string | undefined;
        for (const segment of segmentsOf(mappings)) {
          if (segment.line > line || (segment.line === line && segment.column > column)) break;
          found = segment.source === undefined ? undefined : places[segment.source];
        }
        return found;
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
  for (const { line, column, source } of segmentsOf(mappings)) {
    const own = source !== undefined && isOwn[source] === true;
    if (own !== (borders.at(-1)?.isOwn ?? false)) borders.push({ line, column, isOwn: own });
  }
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

interface Segment {
  readonly line: number;
  readonly column: number;
  /** Index of the source; undefined for code that a bundler has made. */
  readonly source: number | undefined;
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** In the order of the code. @see https://tc39.es/ecma426/ */
function* segmentsOf(mappings: string): Generator<Segment> {
  let [line, column, source, at] = [0, 0, 0, 0];
  while (at < mappings.length) {
    const sign = mappings[at];
    if (sign === ";" || sign === ",") {
      at++;
      if (sign === ";") [line, column] = [line + 1, 0];
      continue;
    }
    const fields: number[] = [];
    for (let field = 0, shift = 0; at < mappings.length; at++) {
      const digit = DIGITS.indexOf(mappings[at] ?? "");
      if (digit < 0) break;
      field |= (digit & 31) << shift;
      shift += 5;
      if ((digit & 32) !== 0) continue;
      fields.push((field & 1) === 0 ? field >> 1 : -(field >> 1));
      field = shift = 0;
    }
    const [columns, sources] = fields;
    if (columns === undefined) return;
    column += columns;
    source += sources ?? 0;
    yield { line, column, source: sources === undefined ? undefined : source };
  }
}
