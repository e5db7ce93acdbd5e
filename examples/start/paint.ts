/** Bold and colour where stdout is a terminal that wants them; plain text in a pipe, with NO_COLOR, on a dumb terminal. */
import { styleText } from "node:util";

const { NO_COLOR: noColor = "", TERM: term } = process.env;
const isColourful = process.stdout.isTTY && noColor === "" && term !== "dumb";

export function paint(style: "bold" | "dim" | "red" | "green", text: string): string {
  return isColourful ? styleText(style, text) : text;
}
