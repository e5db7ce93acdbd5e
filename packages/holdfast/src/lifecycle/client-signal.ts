/**
 * The signal of one request.
 */

/** What is needed of a response: `http.ServerResponse`, and whatever is built like it. */
export interface ClosableResponse {
  once(event: "close", listener: () => void): unknown;
  /** Whether all of it was handed to the system before it was closed. */
  readonly writableFinished: boolean;
  /** Whether it was closed already. Node has it. */
  readonly closed?: boolean | undefined;
}

/**
 * Aborts when the response is closed before it was finished: the client went away, and nobody will read what is still being made for it. Aborted from the start when that
 * has happened before. One listener, which is gone with the response.
 *
 * @throws {TypeError} for what is no response
 */
export function clientSignal(response: ClosableResponse): AbortSignal {
  if (typeof response?.once !== "function" || typeof response.writableFinished !== "boolean")
    throw new TypeError(`clientSignal takes a server's response, got ${response === null ? "null" : typeof response}`);
  const controller = new AbortController();
  const onClose = (): void => {
    if (!response.writableFinished)
      controller.abort(
        new DOMException("the client closed the connection before the response was finished", "AbortError"),
      );
  };
  if (response.closed === true) onClose();
  else response.once("close", onClose);
  return controller.signal;
}
