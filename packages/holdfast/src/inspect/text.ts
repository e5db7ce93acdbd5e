/**
 * Numbers, times and places in words.
 */

/** "1 task", "2 tasks". */
export function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? "" : "s"}`;
}

/** "12 ms", "3.2 s", "4 min 10 s", "2 h 5 min". */
export function durationText(ms: number): string {
  if (ms === Infinity) return "for ever";
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A frame without "at", with the path below `folder` where it is there. */
export function placeOf(frame: string, folder: string): string {
  const plain = frame.replace(/^at /u, "");
  const shortened = plain.replace(`file://${folder}/`, "");
  return shortened === plain ? plain.replace(`${folder}/`, "") : shortened;
}

/** Control characters as text: a name must not move the cursor of a terminal, nor forge lines of a log. */
export function printable(text: string): string {
  return text.replaceAll(
    /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u{${character.charCodeAt(0).toString(16)}}`,
  );
}
