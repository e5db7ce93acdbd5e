/** An order that fails: with holdfast, `node holdfast.mjs`. */
import { retry, taskGroup } from "holdfast";
import { printError } from "holdfast/lifecycle";

async function connect() {
  throw new Error("connect ECONNREFUSED 10.0.0.7:443");
}

async function queryPrices() {
  try {
    await connect();
  } catch (cause) {
    throw new Error("no prices", { cause });
  }
}

async function queryCustomer() {
  return { name: "Ada" };
}

async function loadPrices({ signal }) {
  return await retry(queryPrices, { retries: 2, baseDelay: 10, jitter: "none", signal });
}

async function loadCart({ signal }) {
  return await taskGroup(
    async function cart(group) {
      const prices = group.spawn(loadPrices);
      const customer = group.spawn(queryCustomer);
      return [await prices.join(), await customer.join()];
    },
    { signal },
  );
}

async function releaseStock() {
  throw new Error("the stock was not released");
}

async function holdStock({ sleep }) {
  try {
    await sleep(60_000);
  } finally {
    await releaseStock();
  }
}

async function closeDatabase() {
  throw new Error("the database was gone");
}

async function placeOrder() {
  return await taskGroup(async function order(group) {
    group.defer(closeDatabase);
    group.spawn(holdStock);
    return await group.spawn(loadCart).join();
  });
}

try {
  await placeOrder();
} catch (error) {
  printError(error);
  process.exitCode = 1;
}
