import { CancelledError, ErrorGroup, findError, splitError, suppressedErrors } from "holdfast";
import { suppress } from "holdfast/lowlevel";
import { describe, expect, test } from "../harness.ts";
import { abortError } from "./outcome.ts";

class HttpError extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`status ${status}`);
    this.status = status;
  }
}

const [gone, broken, plain] = [new HttpError(410), new HttpError(500), new Error("plain")] as const;
const cancelled = new CancelledError("request was cancelled", "cancel", "request");
const isHttp = (error: unknown): error is HttpError => error instanceof HttpError;
const isServerFault = (error: unknown): boolean => isHttp(error) && error.status >= 500;

describe("ErrorGroup", () => {
  test("ERROR-1: keeps its errors in order, nested groups as one element, in a frozen list", () => {
    const inner = new ErrorGroup([gone]);
    const group = new ErrorGroup([plain, inner, broken]);
    expect(
      group.errors.length === 3 && group.errors.every((error, index) => error === [plain, inner, broken][index]),
    ).toBe(true);
    expect(Object.isFrozen(group.errors)).toBe(true);
    expect(() => group.errors.push(gone)).toThrow(TypeError);
    expect(() => {
      group.errors = [];
    }).toThrow(TypeError);
  });

  test("takes any iterable, and its own copy of it", () => {
    const list = [plain];
    const group = new ErrorGroup(list);
    list.push(gone);
    expect(group.errors).toEqual([plain]);
    expect(new ErrorGroup(new Set([plain, gone])).errors).toEqual([plain, gone]);
  });

  test("R22: is an AggregateError with a name and a code of its own", () => {
    const group = new ErrorGroup([plain]);
    expect([group instanceof AggregateError, group.name, group.code]).toEqual([true, "ErrorGroup", "ERR_ERROR_GROUP"]);
    expect(Object.hasOwn(group, "cause")).toBe(false);
  });

  test("R3: its message is the count and the first three messages", () => {
    const messages = (count: number): string =>
      new ErrorGroup(Array.from({ length: count }, (_, index) => new Error(`e${index}`))).message;
    expect([0, 1, 2, 3, 4, 1000].map(messages)).toEqual([
      "0 errors: ",
      "1 error: e0",
      "2 errors: e0; e1",
      "3 errors: e0; e1; e2",
      "4 errors: e0; e1; e2; …",
      "1000 errors: e0; e1; e2; …",
    ]);
    expect(new ErrorGroup(["text", undefined, Symbol("s")]).message).toBe("3 errors: text; undefined; Symbol(s)");
    expect(new ErrorGroup([plain], "given").message).toBe("given");
  });

  test("leaves are all errors that are no groups, depth first, foreign AggregateErrors opened too", () => {
    const group = new ErrorGroup([new ErrorGroup([gone, new AggregateError([broken])]), plain, "text"]);
    expect(group.leaves()).toEqual([gone, broken, plain, "text"]);
  });

  test("leaves of a cycle are found once", () => {
    const cycle = new AggregateError([plain]);
    cycle.errors.push(cycle, gone);
    expect(new ErrorGroup([cycle]).leaves()).toEqual([plain, gone]);
  });
});

describe("findError", () => {
  test("reads the same for one error and for many", () => {
    const group = new ErrorGroup([plain, new ErrorGroup([gone, broken])]);
    for (const error of [gone, group]) expect(findError(error, HttpError) === gone).toBe(true);
    for (const error of [broken, group]) expect(findError(error, isServerFault) === broken).toBe(true);
    for (const error of [gone, group]) expect(findError(error, isHttp) === gone).toBe(true);
    expect(findError(plain, HttpError)).toBeUndefined();
    expect(findError(undefined, HttpError)).toBeUndefined();
  });

  test("finds classes that were compiled to functions", () => {
    function OldError(this: Error, message: string): void {
      this.message = message;
    }
    OldError.prototype = Object.create(Error.prototype, { constructor: { value: OldError } });
    const old: unknown = Reflect.construct(OldError, ["old"]);
    const [match] = splitError(new ErrorGroup([plain, old]), OldError as unknown as typeof Error);
    expect(match?.errors).toEqual([old]);
  });

  test("ERROR-3: does not find a cancellation by a class above its own", () => {
    for (const error of [cancelled, new ErrorGroup([cancelled])]) {
      expect(findError(error, CancelledError) === cancelled).toBe(true);
      expect(findError(error, (one: unknown) => one === cancelled) === cancelled).toBe(true);
      expect(findError(error, Error)).toBeUndefined();
    }
    expect(findError(abortError(), Error)).toBeUndefined();
  });
});

describe("splitError", () => {
  test("gives what matches as a group, and what is left to rethrow", () => {
    const group = new ErrorGroup([gone, plain, broken]);
    const [match, rest] = splitError(group, HttpError);
    expect(match).toBeInstanceOf(ErrorGroup);
    expect([match?.errors, (rest as ErrorGroup).errors]).toEqual([[gone, broken], [plain]]);
  });

  test("of a bare error gives a group of it, or the error itself back", () => {
    const [match, rest] = splitError(gone, HttpError);
    expect([match?.errors, rest]).toEqual([[gone], undefined]);
    expect(splitError(plain, HttpError)[1] === plain).toBe(true);
    expect(splitError("text", HttpError)).toEqual([undefined, "text"]);
  });

  test("gives the same object back when nothing or everything matches", () => {
    const http = new ErrorGroup([gone, new ErrorGroup([broken])]);
    const [match, rest] = splitError(http, HttpError);
    expect([match === http, rest]).toEqual([true, undefined]);
    const none = splitError(http, RangeError);
    expect([none[0], none[1] === http]).toEqual([undefined, true]);
  });

  test("ERROR-2: keeps the nesting of both halves, and every leaf in one of them", () => {
    const group = new ErrorGroup([gone, new ErrorGroup([plain, broken]), new ErrorGroup([plain])]);
    const [match, rest] = group.split(HttpError);
    expect(match).toMatchObject({ errors: [gone, { errors: [broken] }] });
    expect(rest).toMatchObject({ errors: [{ errors: [plain] }, { errors: [plain] }] });
  });

  test("ERROR-2: splits a group that is listed at two places at both", () => {
    const shared = new ErrorGroup([gone, plain]);
    const [match, rest] = splitError(new ErrorGroup([shared, new ErrorGroup([shared])]), HttpError);
    expect(match).toMatchObject({ errors: [{ errors: [gone] }, { errors: [{ errors: [gone] }] }] });
    expect(rest).toMatchObject({ errors: [{ errors: [plain] }, { errors: [{ errors: [plain] }] }] });
    expect((rest as ErrorGroup).leaves()).toEqual([plain]);
  });

  test("ERROR-2: ends on a cycle, which stays in the rest", () => {
    const cycle = new AggregateError([gone]);
    cycle.errors.push(cycle);
    const [match, rest] = splitError(new ErrorGroup([cycle]), HttpError);
    expect(match?.leaves()).toEqual([gone]);
    expect((rest as ErrorGroup).errors[0]).toMatchObject({ errors: [{}] });
  });

  test("ERROR-2: ends soon on groups that share groups, twenty levels deep", () => {
    let group = new ErrorGroup<unknown>([gone, plain]);
    for (let level = 0; level < 20; level++) group = new ErrorGroup([group, group]);
    const [match, rest] = splitError(group, HttpError);
    expect([match?.leaves(), (rest as ErrorGroup).leaves()].map((leaves) => leaves?.[0])).toEqual([gone, plain]);
  });

  test("ERROR-2: suppressed errors stay with what is left, or with the match when all matched", () => {
    const suppressed = new Error("beside");
    const group = new ErrorGroup([gone, plain]);
    suppress(group, [suppressed], "test");
    const [match, rest] = splitError(group, HttpError);
    expect([suppressedErrors(match), suppressedErrors(rest)]).toEqual([[], [suppressed]]);
    const bare = new HttpError(404);
    suppress(bare, [suppressed], "test");
    expect(suppressedErrors(splitError(bare, HttpError)[0])).toEqual([suppressed]);
  });

  test("ERROR-3: never matches a cancellation by a class above its own, in a group neither", () => {
    for (const abort of [cancelled, abortError()]) {
      expect(splitError(abort, Error)[1] === abort).toBe(true);
      const [match, rest] = splitError(new ErrorGroup([plain, abort]), Error);
      expect([match?.errors, (rest as ErrorGroup).errors[0] === abort]).toEqual([[plain], true]);
    }
    const [match, rest] = splitError(new ErrorGroup([plain, cancelled]), CancelledError);
    expect([match?.errors, (rest as ErrorGroup).errors]).toEqual([[cancelled], [plain]]);
  });

  test("matches a group by its own class, as a whole", () => {
    const group = new ErrorGroup([plain, gone]);
    expect(splitError(group, ErrorGroup)[0] === group).toBe(true);
    expect(splitError(group, AggregateError)[0] === group).toBe(true);
  });

  test("R3: works on frozen errors and groups", () => {
    const frozen = Object.freeze(new ErrorGroup([Object.freeze(new HttpError(500)), plain]));
    const [match, rest] = splitError(frozen, HttpError);
    expect([match?.errors.length, (rest as ErrorGroup).errors]).toEqual([1, [plain]]);
  });

  test("lets what a test throws pass", () => {
    const thrower = (): boolean => {
      throw plain;
    };
    expect(() => splitError(gone, thrower)).toThrow(plain);
  });

  for (const value of [undefined, null, "HttpError", {}])
    test(`R23: a test that is ${JSON.stringify(value)} is a TypeError`, () => {
      expect(() => Reflect.apply(splitError, undefined, [gone, value])).toThrow(/^splitError: test takes a function/u);
      expect(() => Reflect.apply(findError, undefined, [gone, value])).toThrow(/^findError: test takes a function/u);
    });
});
