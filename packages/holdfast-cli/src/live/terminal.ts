/**
 * A whole terminal, lent: another screen, no cursor, keys one by one. It is given back as it was.
 *
 * TERMINAL-1: `restore` gives the screen, the cursor and the keyboard back, once; the process calls it on every way out.
 */
import { emitKeypressEvents } from "node:readline";
import type { Key } from "./view-state.ts";
import type { Line, Size } from "./view.ts";

/** What is needed of standard input. */
export interface KeyInput extends NodeJS.ReadableStream {
  readonly isTTY?: boolean | undefined;
  setRawMode?(isRaw: boolean): unknown;
  unref?(): unknown;
}

/** What is needed of standard output. */
export interface ScreenOutput {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
  on(event: "resize", listener: () => void): unknown;
  off(event: "resize", listener: () => void): unknown;
}

export interface TerminalOptions {
  readonly input: KeyInput;
  readonly output: ScreenOutput;
  readonly hasColour: boolean;
  readonly onKey: (key: Key) => void;
  readonly onResize: () => void;
}

const escape = "\u001B";
const enter = `${escape}[?1049h${escape}[?25l`;
const leave = `${escape}[0m${escape}[?25h${escape}[?1049l`;
const home = `${escape}[H`;
const eraseLine = `${escape}[K`;
const eraseBelow = `${escape}[J`;
const reset = `${escape}[0m`;

/** Reverse works without colours. */
const styles: Readonly<Record<Line["style"], { readonly code: string; readonly isColour: boolean }>> = {
  plain: { code: "", isColour: false },
  title: { code: `${escape}[1m`, isColour: false },
  chosen: { code: `${escape}[7m`, isColour: false },
  warning: { code: `${escape}[33m`, isColour: true },
  keys: { code: `${escape}[2m`, isColour: false },
};

interface Keypress {
  readonly name?: string | undefined;
  readonly ctrl?: boolean | undefined;
}

export class Terminal {
  readonly #options: TerminalOptions;
  #isOpen = true;
  readonly #onKeypress = (text: string | undefined, { name, ctrl }: Keypress): void =>
    this.#options.onKey({ name, text, isControl: ctrl === true });
  readonly #onExit = (): void => this.restore();

  constructor(options: TerminalOptions) {
    this.#options = options;
    const { input, output, onResize } = options;
    process.on("exit", this.#onExit);
    output.write(enter);
    output.on("resize", onResize);
    if (input.isTTY !== true) return;
    emitKeypressEvents(input);
    input.setRawMode?.(true);
    input.on("keypress", this.#onKeypress);
    input.resume();
  }

  /** A terminal that was never told its size says 0. */
  get size(): Size {
    const { columns = 0, rows = 0 } = this.#options.output;
    return { columns: columns > 0 ? columns : 80, rows: rows > 0 ? rows : 24 };
  }

  paint(lines: readonly Line[]): void {
    if (!this.#isOpen) return;
    const { output, hasColour } = this.#options;
    const painted = lines.map(({ text, style }) => {
      const { code, isColour } = styles[style];
      return code === "" || (isColour && !hasColour) ? `${text}${eraseLine}` : `${code}${text}${reset}${eraseLine}`;
    });
    output.write(`${home}${painted.join("\r\n")}${eraseBelow}`);
  }

  restore(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const { input, output, onResize } = this.#options;
    process.off("exit", this.#onExit);
    output.off("resize", onResize);
    if (input.isTTY === true) {
      input.off("keypress", this.#onKeypress);
      input.setRawMode?.(false);
      input.pause();
    }
    output.write(leave);
  }
}
