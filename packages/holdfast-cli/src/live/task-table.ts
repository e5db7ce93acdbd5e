/**
 * The columns of `holdfast ps` and `holdfast top`.
 */
import { formatDuration } from "../duration.ts";
import { parseFrame } from "../inspect/frame.ts";
import { printable } from "../terminal-text.ts";
import { tableLines } from "./table.ts";
import type { Column } from "./table.ts";
import type { TaskRow } from "./task-rows.ts";

const NOTHING = "-";

const columns: readonly Column<TaskRow>[] = [
  { title: "id", text: ({ id }) => String(id), isRight: true, least: 5, drop: 0 },
  { title: "name", text: ({ name }) => printable(name), least: 12, drop: 0 },
  { title: "group", text: ({ group }) => printable(group), least: 8, drop: 3 },
  { title: "state", text: ({ state }) => state, least: 9, drop: 2 },
  {
    title: "age",
    text: ({ age }) => (age === undefined ? NOTHING : formatDuration(age)),
    isRight: true,
    least: 7,
    drop: 0,
  },
  { title: "waits for", text: ({ wait }) => printable(wait ?? NOTHING), least: 12, drop: 0 },
  { title: "where", text: ({ where }) => placeFirst(where), short: ({ where }) => placeOf(where), least: 12, drop: 1 },
  { title: "deadline", text: ({ timeLeft }) => deadlineText(timeLeft), isRight: true, least: 8, drop: 5 },
  {
    title: "spawned",
    text: ({ spawnedAt }) => placeFirst(spawnedAt),
    short: ({ spawnedAt }) => placeOf(spawnedAt),
    least: 12,
    drop: 4,
  },
];

/** The titles, then a line for each row. With `isTree` the names are indented below the tasks that they run in. */
export function taskTable(rows: readonly TaskRow[], width: number, isTree: boolean = false): readonly string[] {
  const shown = isTree ? rows.map((row) => ({ ...row, name: `${"  ".repeat(row.depth)}${row.name}` })) : rows;
  return tableLines(columns, shown, width);
}

function deadlineText(timeLeft: number | undefined): string {
  if (timeLeft === undefined) return NOTHING;
  return timeLeft < 0 ? `-${formatDuration(-timeLeft)}` : formatDuration(timeLeft);
}

/** The end of a cell is what is cut off. */
function placeFirst(frame: string | undefined): string {
  if (frame === undefined) return NOTHING;
  const { name, place } = parseFrame(frame);
  return name === undefined ? place : `${place} ${name}`;
}

function placeOf(frame: string | undefined): string {
  return frame === undefined ? NOTHING : parseFrame(frame).place;
}
