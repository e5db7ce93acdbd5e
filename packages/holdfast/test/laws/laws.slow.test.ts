/**
 * As `laws.test.ts`, for a hundred thousand programs: always the same, so that a run of all tests says the same twice; new ones with
 * `npm run test:long`, which is how the next counterexample is found.
 */
import process from "node:process";
import { defineLaws } from "./laws.ts";

defineLaws(process.env["HOLDFAST_LAWS"] === "new" ? Date.now() % 2 ** 31 : 6_000_000, 100_000);
