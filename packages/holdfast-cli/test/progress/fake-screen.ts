/** A screen that keeps what was written, and shows what a terminal would. */
import type { Screen } from "../../src/progress/progress.ts";

export class FakeScreen implements Screen {
  columns = 60;
  readonly isTTY: boolean;
  readonly writes: string[] = [];

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.writes.push(text);
  }

  get text(): string {
    return this.writes.join("");
  }

  /** The rows of a terminal after everything written, wide enough that nothing wraps; escape codes other than those used are an error. */
  get rows(): string[] {
    const rows = [""];
    let [row, column] = [0, 0];
    for (const [token, argument, command] of this.text.matchAll(/\u001B\[\??([\d;]*)([A-Za-z])|[^]/gu)) {
      if (command === "A") row -= Number(argument);
      else if (command === "J") rows.splice(row, Infinity, (rows[row] ?? "").slice(0, column));
      else if (command === "m" || command === "l" || command === "h") continue;
      else if (command !== undefined) throw new Error(`unknown escape code ${JSON.stringify(token)}`);
      else if (token === "\r") column = 0;
      else if (token === "\n") [row, column] = [row + 1, 0];
      else {
        const line = (rows[row] ?? "").padEnd(column);
        rows[row] = line.slice(0, column) + token + line.slice(column + 1);
        column += 1;
      }
      rows[row] ??= "";
    }
    return rows;
  }
}
