/** The service: orders come in by HTTP, get their price from upstream, are stored, and are shipped by a queue of workers. */
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { once } from "node:events";
import { openTaskGroup } from "holdfast";
import type { Context } from "holdfast";
import { clientSignal, health, httpServer } from "holdfast/lifecycle";
import type { Shutdown } from "holdfast/lifecycle";
import { Queue } from "holdfast/sync";
import { Orders } from "./database.ts";
import { pricesFrom } from "./prices.ts";
import { answer, answerError, readOrder, RequestError } from "./requests.ts";
import type { Telemetry } from "./telemetry.ts";
import { urlOf } from "./upstream.ts";

export interface AppOptions {
  readonly port: number;
  readonly database: string;
  readonly upstream: string;
  readonly telemetry: Telemetry;
  /** Everything that has to end in order is added to it. */
  readonly shutdown: Shutdown;
}

export interface App {
  readonly url: string;
}

const WORKERS = 8;

/** Starts it; it runs until `shutdown` does. */
export async function startApp({ port, database, upstream, telemetry, shutdown }: AppOptions): Promise<App> {
  const { handler, log } = telemetry;
  const orders = new Orders(database);
  const prices = pricesFrom(upstream);
  const parcels = new Queue<number>({ capacity: 10_000, name: "parcels" });
  const requests = { accepted: 0, answered: {} as Record<number, number>, abandoned: 0 };

  // Requests are tasks of one group: what hangs is seen, with its name and age, and one failure is one request's.
  const group = openTaskGroup({ name: "requests", onTaskError: handler.report });

  const place = async (request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> => {
    const { sku, quantity } = await readOrder(request);
    const price = await prices.of(sku, signal);
    const id = orders.accept(sku, quantity, price * quantity);
    // Waits when ten thousand parcels wait: better a slow answer than a list without end.
    await parcels.put(id, { signal });
    answer(response, 202, { id, price: price * quantity });
  };

  const find = (url: string, response: ServerResponse): void => {
    const order = orders.find(Number(url.slice("/orders/".length)));
    if (order === undefined) throw new RequestError(404, `there is no order ${url}`);
    answer(response, 200, order);
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url = "" } = request;
    const signal = clientSignal(response);
    try {
      if (method === "POST" && url === "/orders") await place(request, response, signal);
      else if (method === "GET" && url.startsWith("/orders/")) find(url, response);
      else if (method === "GET" && url === "/stats") answer(response, 200, { requests, orders: orders.counts() });
      else throw new RequestError(404, `there is no ${method} ${url}`);
    } catch (error) {
      handler.report(error, { task: `${method} ${url.split("/")[1] ?? ""}` });
      answerError(response, error);
    }
  };

  const ship = async (id: number, { sleep }: Context): Promise<void> => {
    // Where a real service would print a label and call a courier.
    await sleep(2);
    orders.mark(id, "shipped");
  };
  const shipped = parcels.process(ship, {
    concurrency: WORKERS,
    retry: { retries: 3 },
    timeout: 1_000,
    onDeadLetter: (id, error) => {
      orders.mark(id, "dead");
      handler.report(error, { task: "ship", order: id });
    },
  });
  for (const id of orders.pending()) await parcels.put(id);

  const state = health();
  const server = createServer((request, response) => {
    if (state.handle(request, response)) return;
    requests.accepted++;
    response.once("close", () => {
      if (response.writableFinished)
        requests.answered[response.statusCode] = (requests.answered[response.statusCode] ?? 0) + 1;
      else requests.abandoned++;
    });
    group.spawn(() => serve(request, response), { name: `${request.method} ${request.url}`, immediate: true });
  });
  const http = httpServer(server);
  shutdown.add({
    ...http,
    name: "orders",
    // One after the other: what comes in has come to its end before what it feeds does.
    drain: async (context) => {
      await http.drain?.(context);
      await group.close();
      parcels.close();
      await shipped;
    },
    waitingFor: () => [
      ...(http.waitingFor?.() ?? []),
      `${parcels.waiting} parcels in the queue, ${parcels.running} in work`,
    ],
    close: async (context) => {
      await http.close?.(context);
      log.info({ requests, orders: orders.counts() }, "stopped");
      orders[Symbol.dispose]();
    },
  });
  shutdown.add(state);
  await listen(server, port);
  state.ready = true;
  const url = urlOf(server);
  log.info({ url, upstream }, "ready");
  return { url };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
}
