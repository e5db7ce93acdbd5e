/** The tool's end of a connection, and a process at the other that answers what it should not. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectTo } from "../../src/live/live-connection.ts";
import type { LiveConnection } from "../../src/live/live-connection.ts";
import { afterEach, beforeEach, expect, test } from "../harness.ts";

let folder: string;
let server: Server;
let connection: LiveConnection;
let other: Socket;
let heard: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-connection-test-"));
  server = createServer().listen(join(folder, "live"));
  await once(server, "listening");
  const came = once(server, "connection");
  connection = await connectTo(join(folder, "live"), 4711);
  [other] = (await came) as [Socket];
  heard = "";
  other.setEncoding("utf8").on("data", (text: string) => (heard += text));
});
afterEach(() => {
  connection.close();
  other.destroy();
  server.close();
  rmSync(folder, { recursive: true });
});

test("a question is a line, and an answer may come in pieces", async () => {
  const answer = connection.cancel(12);
  await once(other, "data");
  other.write('{"id":12,"isCan');
  await new Promise((resolve) => setImmediate(resolve));
  other.write('celled":true}\n');
  expect([heard, await answer]).toEqual(["cancel 12\n", { id: 12, isCancelled: true }]);
});

test("an error of the process is one of the question alone", async () => {
  const answer = connection.snapshot();
  other.write('{"error":"no memory"}\n');
  await expect(answer).rejects.toMatchObject({
    exitCode: 69,
    message: "process 4711 could not be looked into: no memory",
  });
  const next = connection.sinceLast();
  other.write('{"busy":1}\n');
  expect(await next).toEqual({ busy: 1 });
});

test("an answer that is none ends the connection", async () => {
  const answer = connection.snapshot();
  other.write("HTTP/1.1 200 OK\r\n");
  await expect(answer).rejects.toMatchObject({ exitCode: 69, message: "process 4711 answered what can't be read" });
  await connection.closed;
});

test("a process that hangs up leaves no question open, nor any later one", async () => {
  const answer = connection.snapshot();
  other.destroy();
  await expect(answer).rejects.toMatchObject({ exitCode: 69, message: "process 4711 hung up" });
  await connection.closed;
  await expect(connection.sinceLast()).rejects.toMatchObject({ message: "process 4711 hung up" });
});

test("an answer without an end is not read for ever", async () => {
  const answer = connection.snapshot();
  const chunk = "x".repeat(1024 * 1024);
  const pour = (): void => {
    while (other.writable && other.write(chunk));
  };
  // It will be reset.
  other.on("error", () => {}).on("drain", pour);
  pour();
  await expect(answer).rejects.toMatchObject({ message: "process 4711 hung up" });
});
