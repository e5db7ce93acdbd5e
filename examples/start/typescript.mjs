/**
 * TypeScript without a build step, for `node --import ./start/typescript.mjs start.ts` and the processes that it starts.
 * Without the cache that tsx would leave in the temporary folder: a demonstration cleans up after itself.
 */
process.env.TSX_DISABLE_CACHE = "1";
await import("tsx");
