/**
 * Fetches one page and says what is on it. `holdfast run` calls it for every line of `urls.txt`, as often as it takes.
 *
 *   holdfast run handler.ts urls.txt --concurrency 50 --timeout 2s --retries 6 --output pages.ndjson
 */
import { StopRetry } from "holdfast";
import type { HandlerContext } from "holdfast-cli";

export interface Page {
  readonly url: string;
  readonly title: string;
  /** In bytes, as received. */
  readonly size: number;
}

export default async function fetchPage(url: string, { signal }: Pick<HandlerContext, "signal">): Promise<Page> {
  const response = await fetch(url, { signal });
  // Read it whole whatever the status: a body that nobody reads keeps its connection.
  const body = new Uint8Array(await response.arrayBuffer());
  if (!response.ok) {
    const error = new HttpError(url, response);
    // Asking again will not bring it back: straight to the dead letters.
    if (error.status === 404 || error.status === 410) throw new StopRetry(error);
    throw error;
  }
  const title = /<title>([^<]*)<\/title>/i.exec(new TextDecoder().decode(body))?.[1];
  if (title === undefined) throw new StopRetry(new Error(`page ${url} has no title`));
  return { url, title, size: body.byteLength };
}

/** A status that is no success. It carries the response, so that a 429 or 503 with Retry-After is retried when it says. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly code: `ERR_HTTP_${number}`;
  readonly status: number;
  readonly response: Response;

  constructor(url: string, response: Response) {
    super(`${url} answered ${response.status}`);
    this.code = `ERR_HTTP_${response.status}`;
    this.status = response.status;
    this.response = response;
  }
}
