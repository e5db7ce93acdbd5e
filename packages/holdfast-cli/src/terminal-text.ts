/**
 * Text on a terminal: how wide it is, what is left of it where there is less room, and what of it must not get there.
 */

/** Columns that `text` takes: East Asian wide characters and emoji take two. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
  return width;
}

function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    code >= 0x20000
  );
}

/** As much of it as fits, with an ellipsis where something was cut off. */
export function clip(line: string, columns: number): string {
  if (displayWidth(line) <= columns) return line;
  let kept = "";
  let width = 1;
  for (const character of line) {
    width += isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
    if (width > columns) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Control characters, and those that turn the direction of writing, as question marks: a name must neither move the cursor nor fake a line. */
export function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u001F\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu, "?");
}
