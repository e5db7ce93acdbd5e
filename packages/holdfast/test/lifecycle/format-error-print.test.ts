import process from "node:process";
import { hasColors, printError } from "holdfast/lifecycle";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";

const NAMES = ["FORCE_COLOR", "NO_COLOR", "TERM"] as const;
let before: readonly (string | undefined)[] = [];

function set(values: Readonly<Partial<Record<(typeof NAMES)[number], string>>>): void {
  for (const name of NAMES) {
    const value = values[name];
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
}

beforeEach(() => {
  before = NAMES.map((name) => process.env[name]);
  set({});
});
afterEach(() => {
  set(Object.fromEntries(NAMES.map((name, index) => [name, before[index]])));
});

describe("hasColors", () => {
  test("follows FORCE_COLOR, then NO_COLOR, then the terminal", () => {
    const cases = [
      [{}, true, true],
      [{}, false, false],
      [{}, undefined, false],
      [{ TERM: "dumb" }, true, false],
      [{ NO_COLOR: "1" }, true, false],
      [{ NO_COLOR: "" }, true, true],
      [{ FORCE_COLOR: "1", NO_COLOR: "1" }, false, true],
      [{ FORCE_COLOR: "" }, false, true],
      [{ FORCE_COLOR: "0" }, true, false],
      [{ FORCE_COLOR: "false" }, true, false],
    ] as const;
    const answers = cases.map(([environment, isTTY]) => {
      set(environment);
      return hasColors({ isTTY });
    });
    expect(answers).toEqual(cases.map(([, , expected]) => expected));
  });
});

describe("printError", () => {
  test("writes the text and a newline, in the colours of the output", () => {
    const written: string[] = [];
    const write = (text: string): void => void written.push(text);
    printError("x", { output: { write } });
    printError("x", { output: { write, isTTY: true } });
    printError("x", { output: { write, isTTY: true }, color: false });
    const text = "'x' (a string was thrown: it has no stack)";
    expect(written).toEqual([`${text}\n`, `\u001b[31;1m${text}\u001b[0m\n`, `${text}\n`]);
  });

  test("is not stopped by an output that throws", () => {
    let calls = 0;
    const write = (): void => {
      calls++;
      throw new Error("closed");
    };
    printError(new Error("x"), { output: { write } });
    expect(calls).toBe(1);
  });
});
