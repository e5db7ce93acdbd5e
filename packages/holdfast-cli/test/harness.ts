/** The one place where the tool's tests take their runner from. */
export { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
