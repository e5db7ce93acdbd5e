/**
 * Columns side by side, in as much width as there is.
 *
 * TABLE-1: no line is wider than was asked for.
 */
import { clip, displayWidth } from "../terminal-text.ts";

export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  /** What stands there instead where there is not enough room for that. */
  readonly short?: ((row: Row) => string) | undefined;
  readonly isRight?: boolean | undefined;
  /** It is made no narrower than this before others go. */
  readonly least: number;
  /** The columns with the highest go first where there is no room for all; one with 0 never. */
  readonly drop: number;
}

const GAP = 2;

/** The titles, then a line for each row. `width` may be Infinity. */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): readonly string[] {
  const cells = rows.map((row) => columns.map(({ text }) => text(row)));
  const natural = columns.map(({ title }, index) =>
    cells.reduce((most, row) => Math.max(most, displayWidth(row[index] ?? "")), title.length),
  );
  const kept = keptColumns(columns, natural, width);
  const widths = fittedWidths(
    kept.map((index) => ({ natural: natural[index] ?? 0, least: columns[index]?.least ?? 0 })),
    width - GAP * (kept.length - 1),
  );
  const line = (texts: readonly string[], row?: Row): string => {
    const parts = kept.map((index, position) => {
      const [room = 0, text = ""] = [widths[position], texts[index]];
      const { short } = columns[index] ?? {};
      const isShort = row !== undefined && short !== undefined && displayWidth(text) > room;
      const shown = clip(isShort ? short(row) : text, room);
      const space = " ".repeat(Math.max(0, room - displayWidth(shown)));
      return columns[index]?.isRight === true ? space + shown : shown + space;
    });
    const whole = parts.join(" ".repeat(GAP)).trimEnd();
    return width === Infinity ? whole : clip(whole, width);
  };
  return [line(columns.map(({ title }) => title)), ...cells.map((texts, index) => line(texts, rows[index]))];
}

/** The indexes of those for which there is room when each is as narrow as it may be. */
function keptColumns<Row>(columns: readonly Column<Row>[], natural: readonly number[], width: number): number[] {
  let kept = columns.map((_, index) => index);
  const needed = (): number =>
    kept.reduce((sum, index) => sum + Math.min(natural[index] ?? 0, columns[index]?.least ?? 0) + GAP, -GAP);
  while (needed() > width) {
    const last = kept.reduce((found, index) =>
      (columns[index]?.drop ?? 0) > (columns[found]?.drop ?? 0) ? index : found,
    );
    if ((columns[last]?.drop ?? 0) === 0) break;
    kept = kept.filter((index) => index !== last);
  }
  return kept;
}

/** The widest give first. */
function fittedWidths(
  columns: readonly { readonly natural: number; readonly least: number }[],
  room: number,
): number[] {
  const total = columns.reduce((sum, { natural }) => sum + natural, 0);
  if (total <= room) return columns.map(({ natural }) => natural);
  const widths = columns.map(({ natural, least }) => Math.min(natural, least));
  for (let left = room - widths.reduce((sum, width) => sum + width, 0); left > 0; left -= 1) {
    // To the narrowest of those that want more, so that the widest is what is cut.
    let next = -1;
    for (const [index, { natural }] of columns.entries())
      if ((widths[index] ?? 0) < natural && (next < 0 || (widths[index] ?? 0) < (widths[next] ?? 0))) next = index;
    if (next < 0) break;
    widths[next] = (widths[next] ?? 0) + 1;
  }
  return widths;
}
