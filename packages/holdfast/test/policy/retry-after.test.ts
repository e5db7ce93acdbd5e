import { retryAfter } from "holdfast";
import { useFakeClock } from "../clock/fake-clock.ts";
import { describe, expect, test } from "../harness.ts";

const clock = useFakeClock();

/** `ms` from now on the server's clock, as HTTP writes it. */
function httpDate(ms: number): string {
  return new Date(clock.wallTime() + ms).toUTCString();
}

describe("where retryAfter looks", () => {
  test("headers: those of fetch, a map, an object with names in any case", () => {
    for (const headers of [
      new Headers({ "Retry-After": "7" }),
      new Map([["retry-after", "7"]]),
      { "retry-after": "7" },
      { "Retry-After": "7" },
      { "content-type": "text/plain", "RETRY-AFTER": "7" },
    ])
      expect(retryAfter(headers)).toBe(7_000);
  });

  test("a response", () => {
    expect(retryAfter(new Response(undefined, { status: 429, headers: { "Retry-After": "7" } }))).toBe(7_000);
    expect(retryAfter({ status: 503, headers: { "retry-after": "7" } })).toBe(7_000);
  });

  test("an error with headers, with a response, or as axios throws it", () => {
    const headers = { "retry-after": "7" };
    for (const fields of [{ headers }, { response: { headers } }, { response: new Response("", { headers }) }])
      expect(retryAfter(Object.assign(new Error("429"), fields))).toBe(7_000);
  });

  test("an error's own retryAfter, first: a number is milliseconds, a string is read like the header", () => {
    const headers = { "retry-after": "7" };
    expect(retryAfter(Object.assign(new Error("429"), { retryAfter: 250, headers }))).toBe(250);
    expect(retryAfter(Object.assign(new Error("429"), { retryAfter: "3", headers }))).toBe(3_000);
    expect(retryAfter(Object.assign(new Error("429"), { retryAfter: 0, headers }))).toBe(0);
  });

  test("nowhere else: not in causes, and not deeper than a response's headers", () => {
    const deep = { response: { response: { response: { headers: { "retry-after": "7" } } } } };
    expect(retryAfter(new Error("outer", { cause: { headers: { "retry-after": "7" } } }))).toBe(undefined);
    expect(retryAfter({ response: deep })).toBe(undefined);
  });

  test("an error that is its own response ends the search", () => {
    const error = Object.assign(new Error("cycle"), { response: {} });
    error.response = error;
    expect(retryAfter(error)).toBe(undefined);
  });

  for (const source of [undefined, null, 7, "7", new Error("500"), {}, new Headers(), [], () => 7])
    test(`finds nothing in ${Object.prototype.toString.call(source)} ${String(source)}`, () => {
      expect(retryAfter(source)).toBe(undefined);
    });
});

describe("what it reads", () => {
  const read = (value: unknown): number | undefined => retryAfter({ headers: { "retry-after": value } });

  test("seconds, whole or not, with blanks around", () => {
    expect(["0", "1", "120", " 5 ", "1.5"].map(read)).toEqual([0, 1_000, 120_000, 5_000, 1_500]);
  });

  test("seconds as a number, as servers and mocks write plain headers", () => {
    expect(read(5)).toBe(5_000);
  });

  test("a date, against the clock of the wall", async () => {
    expect(read(httpDate(90_000))).toBe(90_000);
    await clock.advanceBy(10_000);
    expect(read(httpDate(90_000))).toBe(90_000);
  });

  test("the date formats of RFC 9110, the obsolete ones too, all in GMT, and ISO 8601", () => {
    // The test's clock starts at 2026-01-01T00:00:00Z.
    for (const date of [
      "Thu, 01 Jan 2026 00:01:30 GMT",
      "Thursday, 01-Jan-26 00:01:30 GMT",
      "Thu Jan  1 00:01:30 2026",
      "2026-01-01T00:01:30Z",
      "2026-01-01T02:01:30.000+02:00",
    ])
      expect({ date, delay: read(date) }).toEqual({ date, delay: 90_000 });
  });

  test("a date that is past, and a time below 0, as 0", () => {
    expect(read(httpDate(-90_000))).toBe(0);
    expect(retryAfter({ retryAfter: -5 })).toBe(0);
  });

  for (const garbage of [
    "",
    "   ",
    "soon",
    "-5",
    "1e3",
    "Infinity",
    "10 seconds",
    "0x10",
    "1,5",
    "5, 10",
    "NaN",
    "2026-01-01",
    "Thu, soon GMT",
    {},
    true,
  ])
    test(`no garbage: ${JSON.stringify(garbage)}`, () => {
      expect(read(garbage)).toBe(undefined);
    });

  test("no NaN", () => {
    expect(retryAfter({ retryAfter: Number.NaN })).toBe(undefined);
    expect(read(Number.NaN)).toBe(undefined);
  });
});

describe("max", () => {
  test("is the longest answer", () => {
    expect(retryAfter({ "retry-after": "86400" }, { max: 60_000 })).toBe(60_000);
    expect(retryAfter({ "retry-after": "30" }, { max: 60_000 })).toBe(30_000);
    expect(retryAfter({ retryAfter: Infinity }, { max: 60_000 })).toBe(60_000);
  });

  test("does not make an answer where there is none", () => {
    expect(retryAfter({}, { max: 60_000 })).toBe(undefined);
  });

  test("is Infinity by default", () => {
    for (const options of [undefined, {}, { max: undefined }])
      expect(retryAfter({ "retry-after": "86400" }, options)).toBe(86_400_000);
  });

  for (const max of [Number.NaN, -1])
    test(`of ${max} is a RangeError`, () => {
      expect(() => retryAfter({}, { max })).toThrow(
        new RangeError(`retryAfter: max must be a number of milliseconds >= 0 or Infinity, got ${max} (number)`),
      );
    });
});
