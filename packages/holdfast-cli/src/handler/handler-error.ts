/**
 * Failures of an item that are the handler's doing but not an error it threw.
 */

/** The handler threw something that is no error. Retried like any failure: what was thrown says nothing about it. */
export class NonErrorThrown extends Error {
  override readonly name = "NonErrorThrown" as const;
  readonly code = "ERR_NON_ERROR_THROWN" as const;
  readonly thrown: unknown;

  constructor(thrown: unknown) {
    super(`the handler threw ${describe(thrown)} instead of an error; throw new Error(…)`);
    this.thrown = thrown;
  }
}

/** The handler returned what a line of JSON can't hold. Never retried: it would return it again. */
export class UnserializableResult extends Error {
  override readonly name = "UnserializableResult" as const;
  readonly code = "ERR_UNSERIALIZABLE_RESULT" as const;

  constructor(reason: string, cause?: unknown) {
    super(`the handler's result can't be written as JSON: ${reason}`, cause === undefined ? undefined : { cause });
  }
}

/** The handler threw or returned an HTTP response. Status 429 and 503 wait as long as its Retry-After says. */
export class HttpStatusError extends Error {
  override readonly name = "HttpStatusError" as const;
  readonly code: `ERR_HTTP_${number}`;
  readonly status: number;
  /** Where the library looks for Retry-After. */
  readonly response: Response;

  constructor(response: Response) {
    super(
      `HTTP ${response.status}${response.statusText === "" ? "" : ` ${response.statusText}`}${response.url === "" ? "" : ` from ${response.url}`}`,
    );
    this.code = `ERR_HTTP_${response.status}`;
    this.status = response.status;
    this.response = response;
  }
}

function describe(thrown: unknown): string {
  if (thrown === undefined || thrown === null) return String(thrown);
  if (typeof thrown === "function") return "a function";
  if (typeof thrown === "object") return `${Array.isArray(thrown) ? "an array" : "an object"} ${clip(jsonOf(thrown))}`;
  return `the ${typeof thrown} ${clip(typeof thrown === "string" ? JSON.stringify(thrown) : String(thrown))}`;
}

function jsonOf(value: object): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "";
  }
}

function clip(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
