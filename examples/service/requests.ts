/** What clients ask for, and what they are told. */
import type { IncomingMessage, ServerResponse } from "node:http";

/** The client's mistake. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly code = "ERR_REQUEST";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const LONGEST_BODY = 10_000;

export interface NewOrder {
  readonly sku: string;
  readonly quantity: number;
}

/** @throws {RequestError} for a body that is no order */
export async function readOrder(request: IncomingMessage): Promise<NewOrder> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += String(chunk);
    if (text.length > LONGEST_BODY) throw new RequestError(413, `the body is longer than ${LONGEST_BODY} characters`);
  }
  const order = parse(text);
  if (typeof order === "object" && order !== null && "sku" in order && "quantity" in order) {
    const { sku, quantity } = order;
    if (typeof sku === "string" && typeof quantity === "number" && Number.isInteger(quantity) && quantity > 0)
      return { sku, quantity };
  }
  throw new RequestError(400, "an order has a sku (string) and a quantity (integer > 0)");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RequestError(400, `the body is not JSON: ${String(error)}`);
  }
}

export function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  // Who has gone away is not answered.
  if (response.destroyed) return;
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

/** Of what went wrong, what the client is told. */
export function answerError(response: ServerResponse, error: unknown): void {
  const { code, retryAfter } = (typeof error === "object" && error !== null ? error : {}) as {
    readonly code?: unknown;
    readonly retryAfter?: unknown;
  };
  if (error instanceof RequestError) return answer(response, error.status, { error: error.message });
  if (code === "ERR_CIRCUIT_OPEN" || code === "ERR_BULKHEAD_FULL") {
    const seconds = typeof retryAfter === "number" ? Math.ceil(retryAfter / 1_000) : 1;
    return answer(response, 503, { error: "too busy" }, { "retry-after": String(seconds) });
  }
  // The upstream's error, its silence, or a connection that broke off.
  if (code === "ERR_UPSTREAM" || code === "ERR_TIMEOUT" || error instanceof TypeError)
    return answer(response, 502, { error: "no price to be had" });
  return answer(response, 500, { error: "something went wrong" });
}
