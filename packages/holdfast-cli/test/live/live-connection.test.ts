/** The tool's end of a connection, and a process at the other that answers what it should not. */
import { once } from "node:events";
import { chownSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { join } from "node:path";
import { AnswerFolder } from "../../src/attach/answer-folder.ts";
import { connectTo } from "../../src/live/live-connection.ts";
import type { LiveConnection } from "../../src/live/live-connection.ts";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";

let folder: AnswerFolder;
let server: Server;
let connection: LiveConnection;
let other: Socket;
let heard: string;
beforeEach(async () => {
  folder = new AnswerFolder(process.getuid?.() ?? 0, process.getgid?.() ?? 0);
  server = createServer().listen(join(folder.path, "live"));
  await once(server, "listening");
  const came = once(server, "connection");
  connection = await connectTo(folder, 4711);
  [other] = (await came) as [Socket];
  heard = "";
  other.setEncoding("utf8").on("data", (text: string) => (heard += text));
});
afterEach(() => {
  connection.close();
  other.destroy();
  server.close();
  folder.remove();
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

describe("what is not the socket of the process is not connected to", () => {
  const refused = async (why: string): Promise<void> => {
    const seen = new Promise((resolve) => server.once("connection", resolve));
    await expect(connectTo(folder, 4711)).rejects.toMatchObject({
      exitCode: 69,
      message: expect.stringContaining(`process 4711 can't be connected to: ${why}`),
    });
    expect(await Promise.race([seen, Promise.resolve("nobody")])).toBe("nobody");
  };
  const path = (name: string): string => join(folder.path, name);

  test("a link to it", async () => {
    renameSync(path("live"), path("elsewhere"));
    symlinkSync(path("elsewhere"), path("live"));
    await refused("it is not a socket of the process's user");
  });

  test("a file", async () => {
    unlinkSync(path("live"));
    writeFileSync(path("live"), "");
    await refused("it is not a socket of the process's user");
  });

  test("nothing", async () => {
    unlinkSync(path("live"));
    await refused("ENOENT");
  });

  test("a socket in a folder that has taken the place of the one that was made", async () => {
    const moved = `${folder.path}-moved`;
    renameSync(folder.path, moved);
    const impostor = new AnswerFolder(process.getuid?.() ?? 0, process.getgid?.() ?? 0);
    const theirs = createServer().listen(join(impostor.path, "live"));
    await once(theirs, "listening");
    renameSync(impostor.path, folder.path);
    let came = false;
    theirs.on("connection", () => (came = true));
    const connected = await connectTo(folder, 4711);
    connected.close();
    theirs.close();
    renameSync(folder.path, impostor.path);
    impostor.remove();
    renameSync(moved, folder.path);
    expect(came).toBe(false);
  });

  if (process.getuid?.() === 0)
    test("another user's socket", async () => {
      chownSync(path("live"), 65_534, 65_534);
      await refused("it is not a socket of the process's user");
    });
});
