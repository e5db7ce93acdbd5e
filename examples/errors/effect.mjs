/** An order that fails: with Effect 4, `node effect.mjs`. */
import { Cause, Data, Effect, Exit, Schedule } from "effect";

class ConnectError extends Data.TaggedError("ConnectError") {}
class PricesError extends Data.TaggedError("PricesError") {}
class StockError extends Data.TaggedError("StockError") {}
class DatabaseError extends Data.TaggedError("DatabaseError") {}

const connect = Effect.fn("connect")(function* () {
  return yield* new ConnectError({ message: "connect ECONNREFUSED 10.0.0.7:443" });
});

const queryPrices = Effect.fn("queryPrices")(function* () {
  return yield* connect().pipe(Effect.mapError((cause) => new PricesError({ message: "no prices", cause })));
});

const queryCustomer = Effect.fn("queryCustomer")(() => Effect.succeed({ name: "Ada" }));

const loadPrices = Effect.fn("loadPrices")(function* () {
  return yield* queryPrices().pipe(Effect.retry({ times: 2, schedule: Schedule.exponential("10 millis") }));
});

const loadCart = Effect.fn("loadCart")(function* () {
  return yield* Effect.all([loadPrices(), queryCustomer()], { concurrency: "unbounded" });
});

const releaseStock = Effect.fn("releaseStock")(function* () {
  return yield* new StockError({ message: "the stock was not released" });
});

const holdStock = Effect.fn("holdStock")(function* () {
  return yield* Effect.acquireUseRelease(Effect.void, () => Effect.sleep("60 seconds"), releaseStock);
});

const closeDatabase = Effect.fn("closeDatabase")(function* () {
  return yield* new DatabaseError({ message: "the database was gone" });
});

const placeOrder = Effect.fn("placeOrder")(function* () {
  return yield* Effect.acquireUseRelease(
    Effect.void,
    () => Effect.all([holdStock(), loadCart()], { concurrency: "unbounded" }),
    closeDatabase,
  );
});

const exit = await Effect.runPromiseExit(placeOrder());
if (Exit.isFailure(exit)) {
  console.error(Cause.pretty(exit.cause));
  process.exitCode = 1;
}
