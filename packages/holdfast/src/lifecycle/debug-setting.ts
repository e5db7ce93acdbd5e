/**
 * Whether the environment asks for debug mode.
 */

/** Whether HOLDFAST_DEBUG is "1"; "0", "" and nothing at all mean no. @throws {TypeError} for anything else */
export function wantsDebug(env: Readonly<Record<string, string | undefined>> | undefined): boolean {
  const setting = settingOf(env);
  if (setting !== "" && setting !== "0" && setting !== "1")
    throw new TypeError(`HOLDFAST_DEBUG must be 1, 0 or empty, got ${JSON.stringify(setting)}`);
  return setting === "1";
}

function settingOf(env: Readonly<Record<string, string | undefined>> | undefined): string {
  try {
    return env?.["HOLDFAST_DEBUG"] ?? "";
  } catch {
    // Deno lets nobody read it who was not allowed to: then it can't have been meant.
    return "";
  }
}
