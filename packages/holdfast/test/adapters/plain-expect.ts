/** vitest's own matchers on a host without vitest: `@vitest/expect` is chai plus plugins and asks nothing of the host. */
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  chai,
  customMatchers,
  getState,
  setState,
} from "@vitest/expect";
import type { ExpectStatic, MatcherState } from "@vitest/expect";

export interface PlainExpect {
  readonly expect: ExpectStatic;
  /** Call before each test: `expect.assertions(n)` counts per test. */
  readonly reset: () => void;
  /** Call after each test. @throws when the number of assertions is not the one that the test announced. */
  readonly verify: () => void;
}

export function plainExpect(): PlainExpect {
  chai.use(JestExtend);
  chai.use(JestChaiExpect);
  chai.use(JestAsymmetricMatchers);
  const call = (value: unknown, message?: string): Chai.Assertion => {
    setState({ assertionCalls: getState(expect).assertionCalls + 1 }, expect);
    return chai.expect(value, message);
  };
  // The plugins put every method of ExpectStatic on `chai.expect` and on the object under this symbol.
  const expect = Object.assign(
    call,
    chai.expect,
    Reflect.get(globalThis, ASYMMETRIC_MATCHERS_OBJECT),
  ) as unknown as ExpectStatic;
  expect.getState = () => getState(expect);
  expect.setState = (state: Partial<MatcherState>) => setState(state, expect);
  // chai's `extend` takes the object to extend as well, and wants to be called as a method; its types say neither.
  const extendMethod: unknown = Reflect.get(chai.expect, "extend");
  invariantFunction(extendMethod);
  expect.extend = (matchers) => void Reflect.apply(extendMethod, chai.expect, [expect, matchers]);
  Reflect.set(globalThis, GLOBAL_EXPECT, expect);
  // vitest adds these two itself, in the part of it that needs its runner.
  Reflect.set(expect, "assertions", (expected: number) => setState({ expectedAssertionsNumber: expected }, expect));
  Reflect.set(expect, "hasAssertions", () => setState({ isExpectingAssertions: true }, expect));
  const reset = (): void =>
    setState(
      {
        assertionCalls: 0,
        isExpectingAssertions: false,
        isExpectingAssertionsError: null,
        expectedAssertionsNumber: null,
        expectedAssertionsNumberErrorGen: null,
      },
      expect,
    );
  reset();
  expect.extend(customMatchers);

  const verify = (): void => {
    const state = getState(expect);
    if (state.expectedAssertionsNumber !== null && state.expectedAssertionsNumber !== state.assertionCalls) {
      throw new Error(`expected ${state.expectedAssertionsNumber} assertions, saw ${state.assertionCalls}`);
    }
    if (state.isExpectingAssertions && state.assertionCalls === 0) throw new Error("expected an assertion, saw none");
  };
  return { expect, reset, verify };
}

function invariantFunction(value: unknown): asserts value is (...args: never[]) => unknown {
  if (typeof value !== "function") throw new TypeError(`chai.expect.extend must be a function, got ${typeof value}`);
}
