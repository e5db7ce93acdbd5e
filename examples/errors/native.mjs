/** An order that fails: with what Node has, `node native.mjs`. */
import { setTimeout as sleep } from "node:timers/promises";

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

async function loadPrices() {
  for (let attempt = 1; ; attempt++) {
    try {
      return await queryPrices();
    } catch (error) {
      if (attempt === 3) throw error;
      await sleep(10 * 2 ** (attempt - 1));
    }
  }
}

async function loadCart() {
  return await Promise.all([loadPrices(), queryCustomer()]);
}

async function releaseStock() {
  throw new Error("the stock was not released");
}

async function holdStock() {
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
  try {
    const [, cart] = await Promise.all([holdStock(), loadCart()]);
    return cart;
  } catch (error) {
    console.error(error);
    throw error;
  } finally {
    await closeDatabase();
  }
}

await placeOrder();
