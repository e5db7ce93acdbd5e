/**
 * Says one sentence to an inspector: the handshake of a WebSocket and one frame. What comes back is not read: the answer takes another way, and the inspector that was opened for it is closed first.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6455 5.2
 */
import { randomBytes } from "node:crypto";
import { get } from "node:http";
import { connect } from "node:net";
import type { Socket } from "node:net";

const HOST = "127.0.0.1";
const PATIENCE = 5_000;

/** The path of the WebSocket of whatever is inspected on `port`; undefined when no inspector answers there. */
export function inspectorPath(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get({ host: HOST, port, path: "/json/list", timeout: PATIENCE, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        // An inspector's list is short: this is somebody else's port.
        if (text.length > 100_000) response.destroy();
        else text += chunk;
      });
      response.on("close", () => resolve(pathIn(text)));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(undefined));
  });
}

function pathIn(text: string): string | undefined {
  try {
    const url = /"webSocketDebuggerUrl":\s*"([^"]+)"/u.exec(text)?.[1];
    return url === undefined ? undefined : new URL(url).pathname;
  } catch {
    return undefined;
  }
}

/** A connection to an inspector. It lives until `close`, or until the inspector ends. */
export class InspectorSocket {
  readonly #socket: Socket;
  /** Settles when the inspector has gone, or was left. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
  }

  /** @throws {Error} when nobody answers as a WebSocket does */
  static open(port: number, path: string): Promise<InspectorSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: HOST, port });
      socket.setNoDelay(true);
      socket.setTimeout(PATIENCE, () => socket.destroy(new Error(`port ${port} does not answer`)));
      socket.on("error", reject);
      socket.once("close", () => reject(new Error(`port ${port} hung up`)));
      let text = "";
      socket.setEncoding("latin1");
      socket.on("data", function onData(chunk: string) {
        text += chunk;
        if (!text.includes("\r\n\r\n")) return;
        socket.off("data", onData);
        if (!text.startsWith("HTTP/1.1 101")) {
          socket.destroy(new Error(`port ${port} refused: ${text.split("\r\n")[0]}`));
          return;
        }
        socket.setTimeout(0);
        const opened = new InspectorSocket(socket);
        // The close frame of an inspector that ends. It waits for ours, which nobody needs any more.
        socket.on("data", (more: string) => {
          if (((more.codePointAt(0) ?? 0) & 0x0f) === 0x8) socket.destroy();
        });
        resolve(opened);
      });
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: ${HOST}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
      );
    });
  }

  /** Has `expression` evaluated by the main thread, also while that is busy with JavaScript. */
  evaluate(expression: string): void {
    const params = { expression, includeCommandLineAPI: true, returnByValue: true, silent: true };
    this.#socket.write(textFrame(JSON.stringify({ id: 1, method: "Runtime.evaluate", params })));
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** One text message of a client, which has to be masked. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const isLong = payload.length > 0xffff;
  const isShort = payload.length < 126;
  const header = Buffer.alloc(isShort ? 2 : isLong ? 10 : 4);
  header[0] = 0x81;
  header[1] = 0x80 | (isShort ? payload.length : isLong ? 127 : 126);
  if (isLong) header.writeBigUInt64BE(BigInt(payload.length), 2);
  else if (!isShort) header.writeUInt16BE(payload.length, 2);
  const mask = randomBytes(4);
  for (const [index, byte] of payload.entries()) payload[index] = byte ^ (mask[index & 3] ?? 0);
  return Buffer.concat([header, mask, payload]);
}
