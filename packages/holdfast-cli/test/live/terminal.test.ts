import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { Terminal } from "../../src/live/terminal.ts";
import type { KeyInput } from "../../src/live/terminal.ts";
import type { Key } from "../../src/live/view-state.ts";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";
import { settled } from "../manual-clock.ts";

class FakeOutput extends EventEmitter {
  columns = 0;
  rows = 0;
  text = "";
  write(text: string): void {
    this.text += text;
  }
}

class FakeKeyboard extends PassThrough implements KeyInput {
  readonly isTTY = true;
  readonly modes: boolean[] = [];
  setRawMode(isRaw: boolean): void {
    this.modes.push(isRaw);
  }
}

let output: FakeOutput;
let keyboard: FakeKeyboard;
let keys: (Key | "resize")[];
let terminal: Terminal;
const open = (input: KeyInput, hasColour: boolean): Terminal =>
  new Terminal({
    input,
    output,
    hasColour,
    onKey: (key) => keys.push(key),
    onResize: () => keys.push("resize"),
  });
beforeEach(() => {
  output = new FakeOutput();
  keyboard = new FakeKeyboard();
  keys = [];
  terminal = open(keyboard, true);
});
afterEach(() => terminal.restore());

const begin = "\u001B[?1049h\u001B[?25l";
const end = "\u001B[0m\u001B[?25h\u001B[?1049l";

describe("TERMINAL-1: what was taken is given back", () => {
  test("screen, cursor and keyboard come back, once", () => {
    terminal.restore();
    terminal.restore();
    terminal.paint([{ text: "too late", style: "plain" }]);
    expect([output.text, keyboard.modes, output.listenerCount("resize"), keyboard.listenerCount("keypress")]).toEqual([
      begin + end,
      [true, false],
      0,
      0,
    ]);
  });

  test("the end of the process does it too", () => {
    const [listener] = process.listeners("exit").slice(-1);
    listener?.(0);
    expect([output.text, keyboard.modes]).toEqual([begin + end, [true, false]]);
    expect(process.listeners("exit")).not.toContain(listener);
  });

  test("an input that is no keyboard is left alone", () => {
    terminal.restore();
    const pipe = new PassThrough();
    const other = open(pipe, true);
    other.restore();
    expect([pipe.listenerCount("data"), pipe.isPaused()]).toEqual([0, false]);
  });
});

test("lines are drawn over what was there, and what is left of that is erased", () => {
  terminal.paint([
    { text: "title", style: "title" },
    { text: "plain", style: "plain" },
    { text: "careful", style: "warning" },
  ]);
  expect(output.text.slice(begin.length)).toBe(
    "\u001B[H\u001B[1mtitle\u001B[0m\u001B[K\r\nplain\u001B[K\r\n\u001B[33mcareful\u001B[0m\u001B[K\u001B[J",
  );
});

test("without colours a warning is plain, and the chosen line is marked all the same", () => {
  terminal.restore();
  output.text = "";
  const plain = open(keyboard, false);
  plain.paint([
    { text: "careful", style: "warning" },
    { text: "chosen", style: "chosen" },
  ]);
  plain.restore();
  expect(output.text.slice(begin.length)).toBe(
    `\u001B[Hcareful\u001B[K\r\n\u001B[7mchosen\u001B[0m\u001B[K\u001B[J${end}`,
  );
});

test("keys come with their names, and a new size as itself", async () => {
  keyboard.write("q");
  keyboard.write("\u001B[A");
  keyboard.write("\u0003");
  keyboard.write("?");
  await settled();
  output.emit("resize");
  expect(keys).toEqual([
    { name: "q", text: "q", isControl: false },
    { name: "up", text: undefined, isControl: false },
    { name: "c", text: "\u0003", isControl: true },
    { name: undefined, text: "?", isControl: false },
    "resize",
  ]);
});

test("a terminal that does not tell its size has 80 columns and 24 rows", () => {
  const unknown = terminal.size;
  output.columns = 132;
  output.rows = 43;
  expect([unknown, terminal.size]).toEqual([
    { columns: 80, rows: 24 },
    { columns: 132, rows: 43 },
  ]);
});
